package dev.realnvp.images.convolution;

import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.engine.arrays.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * Products without rearranging the images. A row of the kernel at one position covers a contiguous
 * run of an image. The same run of all examples is a matrix {@code [N, k*C]} whose rows are one
 * image apart. So each position and row of the kernel is a product of three such matrices, in
 * place, without the pixels that would be padding.
 */
final class PatchProducts implements ConvolutionProducts {

  /** OpenBLAS multiplies smaller matrices in place, and packs larger ones first. */
  private static final int SMALL_PRODUCT = 1_000_000;

  private static final int SMALLEST_BLOCK = 32;
  private static final int LARGEST_BLOCK = 100;

  /** One position and row of the kernel: indices into an image, its maps and the weights. */
  private record Patch(int pixels, int length, int map, int taps) {}

  private final ConvolutionShape shape;
  private final int imageSize;
  private final int mapSize;
  private final List<Patch> patches;

  PatchProducts(ConvolutionShape shape) {
    this.shape = shape;
    imageSize = shape.imageSize();
    mapSize = shape.mapSize();
    patches = patches(shape);
  }

  private static List<Patch> patches(ConvolutionShape shape) {
    Kernel kernel = shape.kernel();
    List<Patch> patches = new ArrayList<>();
    for (int i = 0; i < shape.mapHeight(); i++) {
      for (int j = 0; j < shape.mapWidth(); j++) {
        int left = kernel.stride() * j - kernel.padding();
        int start = Math.max(left, 0);
        int end = Math.min(left + kernel.size(), shape.width());
        for (int u = 0; u < kernel.size(); u++) {
          int row = kernel.stride() * i - kernel.padding() + u;
          if (row >= 0 && row < shape.height()) {
            patches.add(
                new Patch(
                    (row * shape.width() + start) * shape.channels(),
                    (end - start) * shape.channels(),
                    (i * shape.mapWidth() + j) * shape.maps(),
                    (u * kernel.size() + start - left) * shape.channels()));
          }
        }
      }
    }
    return patches;
  }

  @Override
  public int block() {
    int run = shape.kernel().size() * shape.channels();
    int small = SMALL_PRODUCT / (run * shape.maps());
    return Math.max(SMALLEST_BLOCK, Math.min(small, LARGEST_BLOCK));
  }

  @Override
  public void convolve(int first, int count, Floats x, Matrix weights, Floats y) {
    for (Patch patch : patches) {
      Gemm.add(
          count,
          shape.maps(),
          patch.length,
          pixels(patch, first, x),
          Matrix.at(weights.data(), weights.from() + patch.taps * shape.maps(), shape.maps()),
          maps(patch, first, y));
    }
  }

  @Override
  public void transpose(int first, int count, Floats y, Matrix transposed, Floats x) {
    for (Patch patch : patches) {
      Gemm.add(
          count,
          patch.length,
          shape.maps(),
          maps(patch, first, y),
          Matrix.at(transposed.data(), transposed.from() + patch.taps, shape.taps()),
          pixels(patch, first, x));
    }
  }

  @Override
  public void gradient(int first, int count, Floats x, Floats y, Matrix gradient) {
    for (Patch patch : patches) {
      Gemm.add(
          patch.length,
          shape.maps(),
          count,
          pixels(patch, first, x).t(),
          maps(patch, first, y),
          Matrix.at(gradient.data(), gradient.from() + patch.taps * shape.maps(), shape.maps()));
    }
  }

  private Matrix pixels(Patch patch, int first, Floats x) {
    return Matrix.at(x, first * imageSize + patch.pixels, imageSize);
  }

  private Matrix maps(Patch patch, int first, Floats y) {
    return Matrix.at(y, first * mapSize + patch.map, mapSize);
  }
}
