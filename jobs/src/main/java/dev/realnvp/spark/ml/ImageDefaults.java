package dev.realnvp.spark.ml;

import dev.realnvp.settings.Defaults;

/** The defaults of stages that work on images. */
final class ImageDefaults {

  private ImageDefaults() {}

  /** Sets them. */
  static void of(ImageColumns<?> stage) {
    stage.setDefault(stage.pixelsCol(), "pixels");
    stage.setDefault(stage.inferenceBatch(), Defaults.resolved().getInt("inference.batch"));
  }
}
