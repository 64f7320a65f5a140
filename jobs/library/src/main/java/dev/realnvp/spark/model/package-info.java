/** Models and manifests on Hadoop file systems. Independent of the jobs and the settings. */
package dev.realnvp.spark.model;
