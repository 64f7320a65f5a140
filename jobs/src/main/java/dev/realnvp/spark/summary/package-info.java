/**
 * What tables are like, small enough for a picture: histograms, sampled rows, principal components,
 * base space. Counted on the executors, or from a bounded number of rows. Knows neither the jobs
 * nor the settings.
 */
package dev.realnvp.spark.summary;
