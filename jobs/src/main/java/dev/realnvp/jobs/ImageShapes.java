package dev.realnvp.jobs;

import dev.realnvp.autoencoder.ImageShape;
import dev.realnvp.spark.images.PixelLayout;

/** The networks' word for an image's shape, from the table's. */
final class ImageShapes {

  private ImageShapes() {}

  static ImageShape of(PixelLayout layout) {
    return new ImageShape(layout.channels(), layout.height(), layout.width());
  }
}
