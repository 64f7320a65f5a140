package dev.realnvp.convolution;

import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * ND4J's ops {@code conv2d} and {@code conv2d_bp}, which go to oneDNN in FLOAT and to a plain
 * implementation in DOUBLE. Images are {@code [N, C, H, W]}, weights {@code [out, in, k, k]}, all
 * in C order.
 */
final class ConvolutionOps {

  private static final int NO_DILATION = 1;
  private static final int EXPLICIT_PADDING = 0;
  private static final int IMAGES_NCHW = 0;
  private static final int WEIGHTS_OUT_IN_K_K = 1;

  private final int[] arguments;

  ConvolutionOps(ConvolutionLayer layer) {
    int[] kernel = layer.getKernelSize();
    int[] stride = layer.getStride();
    int[] padding = layer.getPadding();
    arguments =
        new int[] {
          kernel[0],
          kernel[1],
          stride[0],
          stride[1],
          padding[0],
          padding[1],
          NO_DILATION,
          NO_DILATION,
          EXPLICIT_PADDING,
          IMAGES_NCHW,
          WEIGHTS_OUT_IN_K_K
        };
  }

  /** {@code output = conv(x, w)}. */
  void convolve(INDArray x, INDArray w, INDArray output) {
    run("conv2d", new INDArray[] {x, w}, output);
  }

  /** {@code output = conv(x, w) + b}. */
  void convolve(INDArray x, INDArray w, INDArray b, INDArray output) {
    run("conv2d", new INDArray[] {x, w, b}, output);
  }

  /** Both gradients of {@link #convolve(INDArray, INDArray, INDArray)} at (x, w). */
  void gradients(INDArray x, INDArray w, INDArray epsilon, INDArray gradX, INDArray gradW) {
    run("conv2d_bp", new INDArray[] {x, w, epsilon}, gradX, gradW);
  }

  private void run(String op, INDArray[] inputs, INDArray... outputs) {
    Nd4j.exec(
        DynamicCustomOp.builder(op)
            .addInputs(inputs)
            .addOutputs(outputs)
            .addIntegerArguments(arguments)
            .build());
  }

  /** {@code images[n, c, i, j] += b[c]}. */
  static void addBias(INDArray images, INDArray b) {
    Nd4j.exec(
        DynamicCustomOp.builder("biasadd")
            .addInputs(images, b)
            .addOutputs(images)
            .addBooleanArguments(true)
            .build());
  }

  /**
   * {@code gradB[c] = sum of epsilon[n, c, i, j]} over n, i, j; first over n as a product with a
   * row of ones, which is several times faster than a sum over three dimensions.
   */
  static void biasGradient(INDArray epsilon, INDArray gradB) {
    long n = epsilon.size(0);
    long c = epsilon.size(1);
    INDArray rows = epsilon.reshape('c', n, epsilon.length() / n);
    INDArray ones = Nd4j.ones(epsilon.dataType(), 1, n);
    gradB.assign(ones.mmul(rows).reshape('c', c, rows.size(1) / c).sum(1));
  }
}
