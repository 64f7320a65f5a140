/**
 * PNG pictures of image bytes, with plain Java2D and no display. Imports the JDK only: no Spark, no
 * DL4J.
 */
package dev.realnvp.spark.imaging;
