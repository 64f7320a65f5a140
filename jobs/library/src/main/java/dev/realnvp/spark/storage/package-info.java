/**
 * Where tables and models lie: outputs that appear complete or not at all, under a lease while they
 * are written.
 *
 * <p>Imports Spark and Hadoop; knows nothing of what the files hold.
 */
package dev.realnvp.spark.storage;
