package dev.realnvp.images.convolution;

import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.engine.arrays.Matrix;
import java.util.stream.IntStream;

/**
 * Products by columns (im2col), for images of few channels: what the kernel covers at each position
 * is copied into a row of a matrix {@code [N*h*w, k*k*C]}, a few images at a time.
 */
final class ColumnProducts implements ConvolutionProducts {

  /** From k * C on, {@link PatchProducts} are faster. */
  static final int LONGEST_RUN = 9;

  /** OpenBLAS multiplies smaller matrices in place, and packs larger ones first. */
  private static final int SMALL_PRODUCT = 1_000_000;

  private final ConvolutionShape shape;
  private final int imageSize;
  private final int mapSize;
  private final int positions;

  /** For each number of an image that a kernel covers, its index in the image ... */
  private final int[] pixels;

  /** ... and in the image's columns. The other elements of the columns are padding. */
  private final int[] places;

  /** Zero at the padding: nothing else is written there. */
  private final Floats covered = new Floats();

  private final Floats products = new Floats();

  ColumnProducts(ConvolutionShape shape) {
    this.shape = shape;
    imageSize = shape.imageSize();
    mapSize = shape.mapSize();
    positions = shape.mapHeight() * shape.mapWidth();
    int[] all = IntStream.range(0, positions * shape.taps()).map(this::pixel).toArray();
    places = IntStream.range(0, all.length).filter(i -> all[i] >= 0).toArray();
    pixels = IntStream.of(places).map(i -> all[i]).toArray();
  }

  /** The index in an image of an element of its columns; -1 if that is padding. */
  private int pixel(int element) {
    Kernel kernel = shape.kernel();
    int channel = element % shape.channels();
    int tap = element / shape.channels() % (kernel.size() * kernel.size());
    int position = element / shape.taps();
    int row =
        kernel.stride() * (position / shape.mapWidth()) - kernel.padding() + tap / kernel.size();
    int column =
        kernel.stride() * (position % shape.mapWidth()) - kernel.padding() + tap % kernel.size();
    boolean inside = row >= 0 && row < shape.height() && column >= 0 && column < shape.width();
    return inside ? (row * shape.width() + column) * shape.channels() + channel : -1;
  }

  @Override
  public int block() {
    return Math.max(1, SMALL_PRODUCT / (positions * shape.weights()));
  }

  @Override
  public void convolve(int first, int count, Floats x, Matrix weights, Floats y) {
    Gemm.add(
        count * positions,
        shape.maps(),
        shape.taps(),
        columns(first, count, x),
        weights,
        maps(first, y));
  }

  @Override
  public void transpose(int first, int count, Floats y, Matrix transposed, Floats x) {
    int size = positions * shape.taps();
    float[] from = products.ensureCapacity((long) count * size);
    Gemm.multiply(
        count * positions,
        shape.taps(),
        shape.maps(),
        maps(first, y),
        transposed,
        Matrix.of(products, shape.taps()));
    float[] to = x.array();
    for (int n = 0; n < count; n++) {
      int image = (first + n) * imageSize;
      int column = n * size;
      for (int i = 0; i < pixels.length; i++) {
        to[image + pixels[i]] += from[column + places[i]];
      }
    }
  }

  @Override
  public void gradient(int first, int count, Floats x, Floats y, Matrix gradient) {
    Gemm.add(
        shape.taps(),
        shape.maps(),
        count * positions,
        columns(first, count, x).t(),
        maps(first, y),
        gradient);
  }

  private Matrix columns(int first, int count, Floats x) {
    int size = positions * shape.taps();
    float[] to = covered.ensureCapacity((long) count * size);
    float[] from = x.array();
    for (int n = 0; n < count; n++) {
      int image = (first + n) * imageSize;
      int column = n * size;
      for (int i = 0; i < pixels.length; i++) {
        to[column + places[i]] = from[image + pixels[i]];
      }
    }
    return Matrix.of(covered, shape.taps());
  }

  private Matrix maps(int first, Floats y) {
    return Matrix.at(y, first * mapSize, shape.maps());
  }
}
