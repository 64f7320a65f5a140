/**
 * What training works on: rows dealt to the workers by their content, packed into one array per
 * worker.
 */
package dev.realnvp.spark.shards;
