package dev.realnvp.autoencoder;

/**
 * The shape of an image.
 *
 * @param channels C
 * @param height H, in pixels
 * @param width W, in pixels
 */
public record ImageShape(int channels, int height, int width) {

  /**
   * @throws IllegalArgumentException if a length is below 1, or an image exceeds a Java array
   */
  public ImageShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "image shape: got %dx%dx%d, expected lengths of at least 1"
              .formatted(channels, height, width));
    }
    if ((long) height * width > Integer.MAX_VALUE / channels) {
      throw new IllegalArgumentException(
          "image shape: got %dx%dx%d, expected less than 2^31 values"
              .formatted(channels, height, width));
    }
  }

  /** The number of values per image, C * H * W. */
  public int pixels() {
    return channels * height * width;
  }

  /** CxHxW. */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
