/**
 * The convolutional classifier that judges images, reconstructions and samples.
 *
 * <p>Must not import Spark or Hadoop.
 */
package dev.realnvp.images.classifier;
