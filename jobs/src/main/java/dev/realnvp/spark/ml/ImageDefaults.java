package dev.realnvp.spark.ml;

/** The defaults of stages that work on images. */
final class ImageDefaults {

  private ImageDefaults() {}

  /** Sets them. */
  static void of(ImageColumns<?> stage) {
    stage.setDefault(stage.pixelsCol(), "pixels");
    SettingParams.setDefaults(stage);
  }
}
