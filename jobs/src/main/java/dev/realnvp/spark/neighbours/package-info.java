/**
 * Which rows of a table are nearest to some others: whether samples are copies of what a flow was
 * trained on. Distances are computed on the executors, in one pass over the table. Knows neither
 * the jobs nor the settings.
 */
package dev.realnvp.spark.neighbours;
