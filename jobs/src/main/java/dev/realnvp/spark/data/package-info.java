/**
 * Images and embeddings as DataFrames: where data comes from, the schemas of what the jobs write,
 * checked readers, outputs that appear whole or not at all, and the compact partitions that
 * training works on.
 *
 * <p>Imports Spark, Hadoop, ND4J's arrays and DL4J's {@code DataSet}; no network, no job, and no
 * settings.
 */
package dev.realnvp.spark.data;
