/**
 * Tables of rows with features, as DataFrames: embeddings and any others, with their ids, splits,
 * labels and weights; their statistics in exact sums, and samples of rows that follow from content.
 */
package dev.realnvp.spark.table;
