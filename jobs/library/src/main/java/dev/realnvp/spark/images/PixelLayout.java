package dev.realnvp.spark.images;

import java.io.Serializable;

/**
 * The order of the bytes of one image: row by row, in a row pixel by pixel, in a pixel channel by
 * channel ({@code [H, W, C]}).
 *
 * @param height H, rows
 * @param width W, pixels per row
 * @param channels C, bytes per pixel: 1 grey, 3 red-green-blue
 */
public record PixelLayout(int height, int width, int channels) implements Serializable {

  /**
   * @throws IllegalArgumentException if a size is not positive, or an image would exceed a Java
   *     array
   */
  public PixelLayout {
    if (height < 1 || width < 1 || channels < 1) {
      throw new IllegalArgumentException(
          "Cannot lay out an image of " + sizes(height, width, channels) + ": sizes are positive");
    }
    if (!fits((long) height * width, channels)) {
      throw new IllegalArgumentException(
          "Cannot lay out an image of " + sizes(height, width, channels) + ": more than 2 GB");
    }
  }

  private static boolean fits(long pixels, int channels) {
    return pixels <= Integer.MAX_VALUE / channels;
  }

  private static String sizes(int height, int width, int channels) {
    return height + " x " + width + " x " + channels;
  }

  /** Bytes per image: H W C. */
  public int size() {
    return height * width * channels;
  }

  /** {@code H x W x C}, for messages. */
  @Override
  public String toString() {
    return sizes(height, width, channels);
  }
}
