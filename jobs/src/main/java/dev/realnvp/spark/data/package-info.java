/**
 * Images and embeddings as DataFrames: sources of data, the schemas of what the jobs write, checked
 * readers, outputs that appear complete or not at all, and the compact partitions for training.
 *
 * <p>Imports Spark, Hadoop, ND4J's arrays and DL4J's {@code DataSet}; no network, job or settings.
 */
package dev.realnvp.spark.data;
