package dev.realnvp.jobs.report;

import dev.realnvp.spark.summary.Histogram;

/**
 * Where the flow takes rows.
 *
 * @param split that they are of
 * @param rows how many
 * @param features of each
 * @param values of all features, counted together
 */
public record BaseSpaceRows(String split, int rows, int features, Histogram values) {}
