package dev.realnvp.spark.images;

import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.images.autoencoder.AutoencoderEngine;
import dev.realnvp.images.convolution.ImageShape;

/** Codes to stored images. For one thread at a time. */
public final class ImageDecoder {

  private final AutoencoderEngine engine;
  private final ImageShape layout;

  /** By an autoencoder as it is at this moment. */
  public ImageDecoder(Autoencoder autoencoder) {
    engine = AutoencoderEngine.of(autoencoder);
    layout = autoencoder.image();
  }

  /**
   * The images of some codes.
   *
   * @param codes {@code [N, D]}, row-major
   * @param rows N
   */
  public byte[][] pixels(float[] codes, int rows) {
    return Pixels.toBytes(engine.decode(codes, rows), rows, layout);
  }
}
