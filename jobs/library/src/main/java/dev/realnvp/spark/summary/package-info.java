/**
 * Summaries of tables, small enough for a picture: histograms, sampled rows, base space. Computed
 * on the executors, or from a bounded number of rows. Independent of the jobs and the settings.
 */
package dev.realnvp.spark.summary;
