/** What Spark's cluster has, and what it is told to do beside the jobs. */
package dev.realnvp.spark.cluster;
