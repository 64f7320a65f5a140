/**
 * Finds the rows of a table that are nearest to other rows, to see whether samples are copies of
 * training rows. Distances are computed on the executors, in one pass over the table. Independent
 * of the jobs and the settings.
 */
package dev.realnvp.spark.neighbours;
