/**
 * A run's report: one HTML page with nothing outside of it. {@link
 * dev.realnvp.jobs.report.RunFacts} is what it shows, {@link dev.realnvp.jobs.report.Page} how; the
 * charts are inline SVG, which {@code report.css} colours for light, dark and paper.
 *
 * <p>Reads nothing: uses no API of Spark, Hadoop or the settings. Every text goes through {@link
 * dev.realnvp.jobs.report.Html}, which masks credentials; j2html escapes it.
 */
package dev.realnvp.jobs.report;
