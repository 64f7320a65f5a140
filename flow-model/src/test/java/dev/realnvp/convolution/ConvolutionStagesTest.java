package dev.realnvp.convolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Bound;
import dev.realnvp.engine.Floats;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Both stages and their gradients against the definitions in double precision, to 1e-5 of the sum
 * of the terms' sizes.
 */
class ConvolutionStagesTest {

  private static final double TOLERANCE = 1e-5;

  @Provide
  Arbitrary<ConvolutionCase> cases() {
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
                new ConvolutionCase(
                    new ConvolutionShape(
                        new Kernel(size, stride, padding % size), height, width, channels, maps),
                    (bits & 1) == 1,
                    (bits & 2) == 2,
                    (bits & 4) == 4));
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void areWhatTheDefinitionsSay(
      @ForAll("cases") ConvolutionCase given,
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
      ConvolutionCase given = new ConvolutionCase(shape, transposed, true, true);
      SplittableRandom random = new SplittableRandom(rows);
      float[] parameters = random(random, given.biases() + shape.weights());
      check(given, new Bound(given.layer().stage(), parameters), parameters, rows, true, random);
    }
  }

  private static void check(
      ConvolutionCase given,
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
    assertClose(Terms.images(results, rows, given.outputs()).values(), y, given.rectified());

    float[] slopes = random(random, rows * product(given.outputs()));
    batch.values(Floats.of(slopes.clone()));

    bound.stage().backward(batch, wanted);

    for (int i = 0; given.rectified() && i < slopes.length; i++) {
      slopes[i] = results[i] > 0 ? slopes[i] : 0;
    }
    Terms dy = Terms.images(slopes, rows, given.outputs());
    float[] gradients = bound.gradients();
    assertClose(
        Terms.weights(given.shape(), gradients, given.biases()).values(),
        given.weightGradient(x, dy),
        false);
    assertBiasGradient(given, gradients, dy);
    if (wanted) {
      assertClose(
          Terms.images(batch.values().array(), rows, given.inputs()).values(),
          given.inputGradient(dy, w),
          false);
    }
  }

  private static void assertBiasGradient(ConvolutionCase given, float[] gradients, Terms dy) {
    for (int o = 0; o < given.biases(); o++) {
      double sum = 0;
      double size = 0;
      for (double[][][] image : dy.values()) {
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
            double value = expected.values()[n][c][i][j];
            double error = actual[n][c][i][j] - (rectified ? Math.max(0, value) : value);
            double size = Math.max(1, expected.sizes()[n][c][i][j]);
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
}
