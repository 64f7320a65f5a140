/**
 * What training works on: rows dealt to the workers by their content, in one file per worker on its
 * executor's local disk.
 */
package dev.realnvp.spark.shards;
