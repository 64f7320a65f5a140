package dev.realnvp.convolution;

import static dev.realnvp.convolution.ConvolutionNetworks.doubles;
import static dev.realnvp.convolution.ConvolutionNetworks.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Both layers against their definitions, over random shapes. */
class ConvolutionLayersTest {

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void aConvolutionIsWhatItsDefinitionSays(
      @ForAll @IntRange(min = 1, max = 4) int batch,
      @ForAll @IntRange(min = 1, max = 9) int in,
      @ForAll @IntRange(min = 1, max = 17) int out,
      @ForAll @IntRange(min = 4, max = 12) int height,
      @ForAll @IntRange(min = 4, max = 12) int width,
      @ForAll @IntRange(min = 1, max = 4) int size,
      @ForAll @IntRange(min = 1, max = 3) int stride,
      @ForAll long seed) {
    Kernel kernel = new Kernel(size, stride, size / 2);
    MultiLayerNetwork network =
        ConvolutionNetworks.of(
            out,
            kernel.steps(height),
            kernel.steps(width),
            convolution(kernel, in, out, height, width, Activation.IDENTITY));
    INDArray x = random(seed, batch, in, height, width);
    assertSame(
        network.output(x),
        NaiveConvolution.convolve(doubles(x), doubles(weights(network)), biases(network), kernel));
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void aTransposedConvolutionIsWhatItsDefinitionSays(
      @ForAll @IntRange(min = 1, max = 4) int batch,
      @ForAll @IntRange(min = 1, max = 17) int in,
      @ForAll @IntRange(min = 1, max = 9) int out,
      @ForAll @IntRange(min = 4, max = 12) int height,
      @ForAll @IntRange(min = 4, max = 12) int width,
      @ForAll @IntRange(min = 1, max = 4) int size,
      @ForAll @IntRange(min = 1, max = 3) int stride,
      @ForAll long seed) {
    Kernel kernel = new Kernel(size, stride, size / 2);
    MultiLayerNetwork network =
        ConvolutionNetworks.of(
            out, height, width, transposed(kernel, in, out, height, width, Activation.IDENTITY));
    INDArray x = random(seed, batch, in, kernel.steps(height), kernel.steps(width));
    assertSame(
        network.output(x),
        NaiveConvolution.transpose(
            doubles(x), doubles(weights(network)), biases(network), kernel, height, width));
  }

  @Property(tries = 50, edgeCases = EdgeCasesMode.NONE)
  void aDenseLayerIsAProductAndABias(
      @ForAll @IntRange(min = 1, max = 5) int batch,
      @ForAll @IntRange(min = 1, max = 20) int in,
      @ForAll @IntRange(min = 1, max = 20) int out,
      @ForAll long seed) {
    MultiLayerNetwork network = ConvolutionNetworks.of(1, 1, out, dense(in, out, Activation.RELU));
    INDArray x = random(seed, batch, in);
    INDArray y = network.output(x);
    INDArray w = network.getParam("0_W");
    for (int n = 0; n < batch; n++) {
      for (int o = 0; o < out; o++) {
        double sum = biases(network)[o];
        for (int i = 0; i < in; i++) {
          sum += x.getDouble(n, i) * w.getDouble(i, o);
        }
        assertThat(y.getDouble(n, o)).isCloseTo(Math.max(0, sum), within(1e-5));
      }
    }
  }

  @Test
  void reluCutsAtZero() {
    Kernel kernel = new Kernel(3, 2, 1);
    INDArray x = random(8, 2, 3, 7, 6);
    INDArray linear =
        ConvolutionNetworks.of(5, 4, 3, convolution(kernel, 3, 5, 7, 6, Activation.IDENTITY))
            .output(x);
    INDArray rectified =
        ConvolutionNetworks.of(5, 4, 3, convolution(kernel, 3, 5, 7, 6, Activation.RELU)).output(x);
    assertThat(linear.minNumber().doubleValue()).isNegative();
    for (long i = 0; i < linear.length(); i++) {
      assertThat(rectified.getDouble(i)).isEqualTo(Math.max(0, linear.getDouble(i)));
    }
  }

  @Test
  void aViewOfOtherStridesGivesTheSame() {
    Kernel kernel = new Kernel(3, 2, 1);
    MultiLayerNetwork network =
        ConvolutionNetworks.of(5, 4, 3, convolution(kernel, 3, 5, 7, 6, Activation.RELU));
    INDArray x = random(8, 2, 3, 7, 6);
    INDArray view = x.permute(0, 2, 3, 1).dup('c').permute(0, 3, 1, 2);
    assertThat(network.output(view)).isEqualTo(network.output(x));
  }

  @Test
  void roundTripsThroughJson() {
    Kernel kernel = new Kernel(3, 2, 1);
    MultiLayerNetwork network =
        ConvolutionNetworks.of(
            3,
            7,
            6,
            convolution(kernel, 3, 5, 7, 6, Activation.RELU),
            transposed(kernel, 5, 3, 7, 6, Activation.IDENTITY));
    MultiLayerConfiguration conf = network.getLayerWiseConfigurations();
    MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(conf.toJson());
    assertThat(read).isEqualTo(conf);
    assertThat(read.getConf(0).getLayer()).isInstanceOf(Convolution.class);

    MultiLayerNetwork copy = new MultiLayerNetwork(read);
    copy.init(network.params().dup(), false);
    INDArray x = random(8, 2, 3, 7, 6);
    assertThat(copy.output(x)).isEqualTo(network.output(x));
  }

  @Test
  void differentSizesAreDifferentLayers() {
    Kernel kernel = new Kernel(3, 2, 1);
    assertThat(convolution(kernel, 3, 5, 7, 6, Activation.RELU))
        .isEqualTo(convolution(kernel, 3, 5, 7, 6, Activation.RELU))
        .isNotEqualTo(convolution(kernel, 3, 5, 8, 6, Activation.RELU));
    assertThat(transposed(kernel, 3, 5, 7, 6, Activation.RELU))
        .isEqualTo(transposed(kernel, 3, 5, 7, 6, Activation.RELU))
        .isNotEqualTo(transposed(kernel, 3, 5, 7, 5, Activation.RELU));
    assertThat(dense(3, 5, Activation.RELU))
        .isEqualTo(dense(3, 5, Activation.RELU))
        .isNotEqualTo(dense(3, 5, Activation.IDENTITY));
  }

  @Test
  void refusesImagesOfAnotherShape() {
    Kernel kernel = new Kernel(3, 2, 1);
    MultiLayerNetwork network =
        ConvolutionNetworks.of(
            3,
            7,
            6,
            convolution(kernel, 3, 5, 7, 6, Activation.RELU),
            transposed(kernel, 5, 3, 7, 6, Activation.IDENTITY));
    assertThatThrownBy(() -> network.output(random(1, 2, 3, 6, 6)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got shape [2, 3, 6, 6], expected [N, 3, 7, 6]");
    INDArray wrong = random(1, 2, 5, 4, 4);
    assertThatThrownBy(() -> network.activateSelectedLayers(1, 2, wrong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got shape [2, 5, 4, 4], expected [N, 5, 4, 3]");
  }

  @Test
  void refusesActivationsThatItDoesNotRun() {
    Kernel kernel = new Kernel(3, 2, 1);
    assertThatThrownBy(
            () -> ConvolutionNetworks.of(5, 4, 3, convolution(kernel, 3, 5, 7, 6, Activation.TANH)))
        .hasStackTraceContaining("activation: got tanh, expected identity or relu");
  }

  static Convolution convolution(
      Kernel kernel, int in, int out, int height, int width, Activation activation) {
    return new Convolution.Builder(kernel, height, width)
        .nIn(in)
        .nOut(out)
        .activation(activation)
        .build();
  }

  static TransposedConvolution transposed(
      Kernel kernel, int in, int out, int height, int width, Activation activation) {
    return new TransposedConvolution.Builder(kernel, height, width)
        .nIn(in)
        .nOut(out)
        .activation(activation)
        .build();
  }

  static Dense dense(int in, int out, Activation activation) {
    return new Dense.Builder().nIn(in).nOut(out).activation(activation).build();
  }

  private static INDArray weights(MultiLayerNetwork network) {
    return network.getParam("0_W");
  }

  private static double[] biases(MultiLayerNetwork network) {
    return network.getParam("0_b").toDoubleVector();
  }

  /** Equal to 1e-5 of the largest value. */
  private static void assertSame(INDArray got, double[][][][] expected) {
    INDArray flat = Nd4j.createFromArray(expected).reshape('c', got.size(0), got.size(1));
    double scale = Math.max(1, flat.amaxNumber().doubleValue());
    assertThat(got.castTo(DataType.DOUBLE).sub(flat).amaxNumber().doubleValue())
        .isCloseTo(0, within(1e-5 * scale));
  }
}
