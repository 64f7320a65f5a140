/**
 * What scores mean: how they are distributed over held-out rows, how strange a row is, and how well
 * strange rows are told from others. Plain arrays on one machine; knows neither Spark nor the jobs.
 */
package dev.realnvp.spark.scores;
