package dev.realnvp.convolution;

import static dev.realnvp.convolution.ConvolutionLayersTest.convolution;
import static dev.realnvp.convolution.ConvolutionLayersTest.transposed;
import static dev.realnvp.convolution.ConvolutionNetworks.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Gradients against central differences in DOUBLE, and the FLOAT ones against those in DOUBLE. */
class ConvolutionGradientTest {

  @BeforeAll
  static void inDouble() {
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
  }

  @AfterAll
  static void inFloat() {
    Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 7, 6, 3, 2, 1, RELU",
    "3, 2, 5, 7, 3, 2, 1, RELU",
    "2, 3, 6, 4, 2, 1, 0, IDENTITY",
    "2, 2, 8, 5, 4, 3, 2, RELU",
  })
  void ofAConvolutionBehindAnother(
      int batch,
      int in,
      int height,
      int width,
      int size,
      int stride,
      int padding,
      Activation activation) {
    Kernel kernel = new Kernel(size, stride, padding);
    Kernel same = new Kernel(3, 1, 1);
    int h = kernel.steps(height);
    int w = kernel.steps(width);
    check(
        random(DataType.DOUBLE, 1, batch, in, height, width),
        3,
        h,
        w,
        convolution(same, in, 2, height, width, Activation.IDENTITY),
        convolution(kernel, 2, 3, height, width, activation));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 7, 6, 3, 2, 1, RELU",
    "3, 2, 5, 7, 3, 2, 1, RELU",
    "2, 3, 6, 4, 2, 1, 0, IDENTITY",
    "2, 2, 8, 5, 4, 3, 2, RELU",
  })
  void ofATransposedConvolutionBehindAConvolution(
      int batch,
      int in,
      int height,
      int width,
      int size,
      int stride,
      int padding,
      Activation activation) {
    Kernel kernel = new Kernel(size, stride, padding);
    Kernel same = new Kernel(3, 1, 1);
    int h = kernel.steps(height);
    int w = kernel.steps(width);
    check(
        random(DataType.DOUBLE, 1, batch, in, h, w),
        3,
        height,
        width,
        convolution(same, in, 2, h, w, Activation.IDENTITY),
        transposed(kernel, 2, 3, height, width, activation));
  }

  @ParameterizedTest
  @CsvSource({"1, RELU", "4, RELU", "3, IDENTITY"})
  void ofADenseLayerBehindAnother(int batch, Activation activation) {
    check(
        random(DataType.DOUBLE, 1, batch, 7),
        1,
        1,
        6,
        ConvolutionLayersTest.dense(7, 5, activation),
        ConvolutionLayersTest.dense(5, 6, activation));
  }

  private static void check(INDArray x, int channels, int height, int width, Layer... layers) {
    MultiLayerNetwork network =
        ConvolutionNetworks.of(DataType.DOUBLE, channels, height, width, layers);
    INDArray labels = random(DataType.DOUBLE, 2, x.size(0), (long) channels * height * width);
    assertThat(
            GradientCheckUtil.checkGradients(
                new GradientCheckUtil.MLNConfig()
                    .net(network)
                    .input(x)
                    .labels(labels)
                    .epsilon(1e-6)
                    .maxRelError(1e-5)
                    .minAbsoluteError(1e-8)
                    .print(GradientCheckUtil.PrintMode.FAILURES_ONLY)))
        .isTrue();
  }

  @Test
  void inFloatAreThoseInDouble() {
    Kernel kernel = new Kernel(3, 2, 1);
    double[][] gradients = new double[2][];
    DataType[] types = {DataType.DOUBLE, DataType.FLOAT};
    for (int i = 0; i < 2; i++) {
      MultiLayerNetwork network =
          ConvolutionNetworks.of(
              types[i],
              3,
              15,
              10,
              convolution(kernel, 3, 16, 15, 10, Activation.RELU),
              convolution(kernel, 16, 24, 8, 5, Activation.RELU),
              transposed(kernel, 24, 16, 8, 5, Activation.RELU),
              transposed(kernel, 16, 3, 15, 10, Activation.IDENTITY));
      network.setInput(random(types[i], 1, 20, 3, 15, 10));
      network.setLabels(random(types[i], 2, 20, 450));
      network.computeGradientAndScore();
      gradients[i] = network.gradient().gradient().toDoubleVector();
    }
    assertThat(gradients[1]).containsExactly(gradients[0], within(1e-4));
  }
}
