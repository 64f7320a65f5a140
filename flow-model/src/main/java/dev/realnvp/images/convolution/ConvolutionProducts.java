package dev.realnvp.images.convolution;

import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.engine.arrays.Matrix;

/**
 * A convolution's three products, over some of the examples of a batch. Images x are {@code [N, H,
 * W, C]}, maps y {@code [N, h, w, M]}, both with room for one more example at the end of their
 * arrays; see {@link ConvolutionShape}. For one thread at a time.
 */
interface ConvolutionProducts {

  /** The implementation that suits the shape. */
  static ConvolutionProducts of(ConvolutionShape shape) {
    int run = shape.kernel().size() * shape.channels();
    return run < ColumnProducts.LONGEST_RUN ? new ColumnProducts(shape) : new PatchProducts(shape);
  }

  /** The number of examples that is fastest at a time. */
  int block();

  /**
   * {@code y += conv(x, W)}.
   *
   * @param weights W, {@code [k*k*C, M]}
   */
  void convolve(int first, int count, Floats x, Matrix weights, Floats y);

  /**
   * {@code x += conv^T(y, W)}.
   *
   * @param transposed W, {@code [M, k*k*C]}, with room for one more row
   */
  void transpose(int first, int count, Floats y, Matrix transposed, Floats x);

  /**
   * {@code dW += d<y, conv(x, W)> / dW}.
   *
   * @param gradient dW, {@code [k*k*C, M]}
   */
  void gradient(int first, int count, Floats x, Floats y, Matrix gradient);
}
