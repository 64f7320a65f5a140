/** Models and manifests on Hadoop file systems. Knows neither the jobs nor the settings. */
package dev.realnvp.spark.model;
