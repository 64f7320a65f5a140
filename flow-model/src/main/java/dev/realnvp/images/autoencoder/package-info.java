/**
 * The convolutional autoencoder that turns images into codes and back.
 *
 * <p>Must not import Spark or Hadoop.
 */
package dev.realnvp.images.autoencoder;
