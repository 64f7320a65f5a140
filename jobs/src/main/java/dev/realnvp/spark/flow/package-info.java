/**
 * Flows on tables: training, and the contents of their manifests. The jobs and the Spark ML stages
 * both train flows here; independent of both, and of the settings' files.
 */
package dev.realnvp.spark.flow;
