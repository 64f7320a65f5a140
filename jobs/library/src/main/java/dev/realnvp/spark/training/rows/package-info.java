/** The rows of a worker, and the order in which it takes them. */
package dev.realnvp.spark.training.rows;
