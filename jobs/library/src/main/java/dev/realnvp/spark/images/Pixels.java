package dev.realnvp.spark.images;

import dev.realnvp.images.convolution.ImageShape;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Converts between stored bytes, {@code [H, W, C]} from 0 to 255, and the floats of networks,
 * {@code [N, C, H, W]} from 0 to 1.
 */
public final class Pixels {
  private static final float[] SCALED = new float[256];

  static {
    for (int i = 0; i < SCALED.length; i++) {
      SCALED[i] = i / 255f;
    }
  }

  private Pixels() {}

  /**
   * Images for a network.
   *
   * @param images of the layout's size each; at least one
   * @return floats {@code [N, C, H, W]}
   */
  public static INDArray toArray(byte[][] images, ImageShape layout) {
    return Nd4j.create(
            toFloats(images, layout),
            new long[] {images.length, layout.height(), layout.width(), layout.channels()},
            'c')
        .permute(0, 3, 1, 2)
        .dup('c');
  }

  /**
   * Images for the engine.
   *
   * @param images of the layout's size each
   * @return floats {@code [N, H, W, C]} from 0 to 1
   */
  public static float[] toFloats(byte[][] images, ImageShape layout) {
    float[] floats = new float[Math.multiplyExact(images.length, layout.size())];
    for (int i = 0; i < images.length; i++) {
      if (images[i].length != layout.size()) {
        throw new IllegalArgumentException(
            "Image %d has %d bytes, expected %d for %s"
                .formatted(i, images[i].length, layout.size(), layout));
      }
      scale(images[i], floats, i * layout.size());
    }
    return floats;
  }

  /**
   * Images from the engine: each value is rounded to the nearest byte, values outside of 0..1 to
   * the nearer end.
   *
   * @param images {@code [N, H, W, C]}
   * @param count N
   * @return N images of the layout's size
   */
  public static byte[][] toBytes(float[] images, int count, ImageShape layout) {
    int size = layout.size();
    byte[][] bytes = new byte[count][size];
    for (int i = 0; i < count; i++) {
      for (int p = 0; p < size; p++) {
        bytes[i][p] = toByte(images[i * size + p]);
      }
    }
    return bytes;
  }

  private static byte toByte(float value) {
    return (byte) Math.max(0, Math.min(255, Math.round(255f * value)));
  }

  /** One image: bytes to floats from an offset on, {@code [H, W, C]} both. */
  public static void scale(byte[] from, float[] to, int toOffset) {
    for (int p = 0; p < from.length; p++) {
      to[toOffset + p] = SCALED[from[p] & 0xff];
    }
  }

  /**
   * One image moved within its frame; what comes in repeats the edge. With {@code clip} to the
   * nearest row or column that exists:
   *
   * <pre>to[y, x] = from[clip(y - down), clip(x - right)]</pre>
   *
   * @param from bytes {@code [H, W, C]}
   * @param to another array of the same size, the result
   * @param down rows by which it moves; up if negative
   * @param right columns by which it moves; left if negative
   */
  public static void move(byte[] from, byte[] to, ImageShape layout, int down, int right) {
    int width = layout.width();
    int channels = layout.channels();
    for (int y = 0; y < layout.height(); y++) {
      int row = clip(y - down, layout.height()) * width;
      for (int x = 0; x < width; x++) {
        int source = (row + clip(x - right, width)) * channels;
        System.arraycopy(from, source, to, (y * width + x) * channels, channels);
      }
    }
  }

  private static int clip(int place, int length) {
    return Math.max(0, Math.min(length - 1, place));
  }
}
