package dev.realnvp.convolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Bound;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.StagedLayer;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Both stages and their gradients against the definitions in double precision, to 1e-5 of the sum
 * of the terms' sizes.
 */
class ConvolutionStagesTest {

  private static final double TOLERANCE = 1e-5;

  /** A layer of either kind; images are its large side. */
  record Case(ConvolutionShape shape, boolean transposed, boolean biased, boolean rectified) {

    StagedLayer layer() {
      Activation activation = rectified ? Activation.RELU : Activation.IDENTITY;
      return transposed
          ? new TransposedConvolution.Builder(shape.kernel(), shape.height(), shape.width())
              .nIn(shape.maps())
              .nOut(shape.channels())
              .hasBias(biased)
              .activation(activation)
              .build()
          : new Convolution.Builder(shape.kernel(), shape.height(), shape.width())
              .nIn(shape.channels())
              .nOut(shape.maps())
              .hasBias(biased)
              .activation(activation)
              .build();
    }

    int biases() {
      return biased ? outputs()[0] : 0;
    }

    int[] inputs() {
      return transposed ? maps() : image();
    }

    int[] outputs() {
      return transposed ? image() : maps();
    }

    Terms map(Terms x, Terms w, double[] bias) {
      double[] biasSizes = DoubleStream.of(bias).map(Math::abs).toArray();
      return transposed
          ? new Terms(transpose(x.values, w.values, bias), transpose(x.sizes, w.sizes, biasSizes))
          : new Terms(
              NaiveConvolution.convolve(x.values, w.values, bias, shape.kernel()),
              NaiveConvolution.convolve(x.sizes, w.sizes, biasSizes, shape.kernel()));
    }

    Terms inputGradient(Terms dy, Terms w) {
      return new Case(shape, !transposed, false, false).map(dy, w, new double[inputs()[0]]);
    }

    Terms weightGradient(Terms x, Terms dy) {
      Terms images = transposed ? dy : x;
      Terms maps = transposed ? x : dy;
      return new Terms(
          NaiveConvolution.gradient(images.values, maps.values, shape.kernel()),
          NaiveConvolution.gradient(images.sizes, maps.sizes, shape.kernel()));
    }

    private double[][][][] transpose(double[][][][] y, double[][][][] w, double[] bias) {
      return NaiveConvolution.transpose(y, w, bias, shape.kernel(), shape.height(), shape.width());
    }

    private int[] image() {
      return new int[] {shape.channels(), shape.height(), shape.width()};
    }

    private int[] maps() {
      return new int[] {shape.maps(), shape.mapHeight(), shape.mapWidth()};
    }
  }

  @Provide
  Arbitrary<Case> cases() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 5),
            Arbitraries.integers().between(1, 3),
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(5, 11),
            Arbitraries.integers().between(5, 11),
            Arbitraries.integers().between(1, 7),
            Arbitraries.integers().between(1, 18),
            Arbitraries.integers().between(0, 7))
        .as(
            (size, stride, padding, height, width, channels, maps, bits) ->
                new Case(
                    new ConvolutionShape(
                        new Kernel(size, stride, padding % size), height, width, channels, maps),
                    (bits & 1) == 1,
                    (bits & 2) == 2,
                    (bits & 4) == 4));
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void areWhatTheDefinitionsSay(
      @ForAll("cases") Case given,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 9) int nextRows,
      @ForAll boolean wanted,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] parameters = random(random, given.biases() + given.shape().weights());
    Bound bound = new Bound(given.layer().stage(), parameters);
    check(given, bound, parameters, rows, wanted, random);
    check(given, bound, parameters, nextRows, wanted, random);
  }

  @ParameterizedTest
  @CsvSource({
    "257, 1, 16, 9",
    "257, 6, 3, 4",
    "128, 6, 3, 4",
    "129, 6, 3, 4",
    "41, 11, 1024, 2",
  })
  void takeSeveralBlocks(int rows, int channels, int maps, int length) {
    for (boolean transposed : new boolean[] {false, true}) {
      ConvolutionShape shape =
          new ConvolutionShape(new Kernel(3, 1, 1), length, length, channels, maps);
      Case given = new Case(shape, transposed, true, true);
      SplittableRandom random = new SplittableRandom(rows);
      float[] parameters = random(random, given.biases() + shape.weights());
      check(given, new Bound(given.layer().stage(), parameters), parameters, rows, true, random);
    }
  }

  /** Each parameter of the layer is set to its own index. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void parametersStandWhereTheLayerHasThem(boolean transposed) {
    ConvolutionShape shape = new ConvolutionShape(new Kernel(3, 2, 1), 7, 6, 2, 5);
    Case given = new Case(shape, transposed, true, true);
    int[] output = given.outputs();
    MultiLayerNetwork network =
        ConvolutionNetworks.of(
            DataType.FLOAT, output[0], output[1], output[2], (Layer) given.layer());
    network.setParams(Nd4j.arange(network.numParams()).castTo(DataType.FLOAT));
    INDArray weights = network.getParam("0_W").permute(2, 3, 1, 0).dup('c');
    assertThat(given.layer().stage().order())
        .containsExactly(
            Nd4j.concat(0, weights.reshape(-1), network.getParam("0_b").reshape(-1)).toIntVector());
  }

  private static void check(
      Case given,
      Bound bound,
      float[] parameters,
      int rows,
      boolean wanted,
      SplittableRandom random) {
    Terms w = Terms.weights(given.shape(), parameters, given.biases());
    double[] bias = new double[given.outputs()[0]];
    for (int i = 0; i < given.biases(); i++) {
      bias[i] = parameters[i];
    }
    Batch batch = new Batch().rows(rows);
    float[] values = random(random, rows * product(given.inputs()));
    Terms x = Terms.images(values, rows, given.inputs());
    batch.values(Floats.of(values.clone()));

    bound.stage().forward(batch, true);

    Terms y = given.map(x, w, bias);
    float[] results = batch.values().array().clone();
    assertClose(Terms.images(results, rows, given.outputs()).values, y, given.rectified());

    float[] slopes = random(random, rows * product(given.outputs()));
    batch.values(Floats.of(slopes.clone()));

    bound.stage().backward(batch, wanted);

    for (int i = 0; given.rectified() && i < slopes.length; i++) {
      slopes[i] = results[i] > 0 ? slopes[i] : 0;
    }
    Terms dy = Terms.images(slopes, rows, given.outputs());
    float[] gradients = bound.gradients();
    assertClose(
        Terms.weights(given.shape(), gradients, given.biases()).values,
        given.weightGradient(x, dy),
        false);
    assertBiasGradient(given, gradients, dy);
    if (wanted) {
      assertClose(
          Terms.images(batch.values().array(), rows, given.inputs()).values,
          given.inputGradient(dy, w),
          false);
    }
  }

  private static void assertBiasGradient(Case given, float[] gradients, Terms dy) {
    for (int o = 0; o < given.biases(); o++) {
      double sum = 0;
      double size = 0;
      for (double[][][] image : dy.values) {
        for (double[] row : image[o]) {
          for (double value : row) {
            sum += value;
            size += Math.abs(value);
          }
        }
      }
      assertThat((double) gradients[o]).isCloseTo(sum, within(TOLERANCE * Math.max(1, size)));
    }
  }

  private static void assertClose(double[][][][] actual, Terms expected, boolean rectified) {
    for (int n = 0; n < actual.length; n++) {
      for (int c = 0; c < actual[n].length; c++) {
        for (int i = 0; i < actual[n][c].length; i++) {
          for (int j = 0; j < actual[n][c][i].length; j++) {
            double value = expected.values[n][c][i][j];
            double error = actual[n][c][i][j] - (rectified ? Math.max(0, value) : value);
            double size = Math.max(1, expected.sizes[n][c][i][j]);
            if (!(Math.abs(error) <= TOLERANCE * size)) {
              assertThat(error).as("error at %d %d %d %d", n, c, i, j).isZero();
            }
          }
        }
      }
    }
  }

  private static float[] random(SplittableRandom random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static int product(int[] lengths) {
    return lengths[0] * lengths[1] * lengths[2];
  }

  /** Values of four dimensions, and the sums of the sizes of the terms that they are made of. */
  private record Terms(double[][][][] values, double[][][][] sizes) {

    static Terms of(double[][][][] values) {
      double[][][][] sizes = new double[values.length][][][];
      for (int n = 0; n < values.length; n++) {
        sizes[n] = new double[values[n].length][][];
        for (int c = 0; c < values[n].length; c++) {
          sizes[n][c] = new double[values[n][c].length][];
          for (int i = 0; i < values[n][c].length; i++) {
            sizes[n][c][i] = DoubleStream.of(values[n][c][i]).map(Math::abs).toArray();
          }
        }
      }
      return new Terms(values, sizes);
    }

    /** {@code [N, C, H, W]} out of {@code [N, H, W, C]}. */
    static Terms images(float[] flat, int rows, int[] lengths) {
      double[][][][] values = new double[rows][lengths[0]][lengths[1]][lengths[2]];
      int at = 0;
      for (double[][][] image : values) {
        for (int i = 0; i < lengths[1]; i++) {
          for (int j = 0; j < lengths[2]; j++) {
            for (double[][] channel : image) {
              channel[i][j] = flat[at++];
            }
          }
        }
      }
      return of(values);
    }

    /** {@code [M, C, k, k]}, as the layers have them, behind the bias. */
    static Terms weights(ConvolutionShape shape, float[] parameters, int bias) {
      int size = shape.kernel().size();
      double[][][][] values = new double[shape.maps()][shape.channels()][size][size];
      int at = bias;
      for (double[][][] map : values) {
        for (double[][] channel : map) {
          for (double[] row : channel) {
            for (int v = 0; v < size; v++) {
              row[v] = parameters[at++];
            }
          }
        }
      }
      return of(values);
    }
  }
}
