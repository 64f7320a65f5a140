/**
 * Trained models as DataFrame transformations and aggregations: one model a partition, a batch of
 * rows at a time, constant memory. Knows neither the jobs nor the settings.
 */
package dev.realnvp.spark.inference;
