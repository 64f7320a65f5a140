package dev.realnvp.images.convolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Bound;
import dev.realnvp.engine.arrays.Floats;
import java.util.Arrays;
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
 * Both stages and their gradients against the definitions in double precision, to 1e-6 of the
 * number of terms.
 */
class ConvolutionStagesTest {

  private static final double TOLERANCE = 1e-6;

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
      @ForAll boolean needsInputGradient,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] parameters = random(random, given.biases() + given.shape().weights());
    Bound bound = new Bound(given.layer().stage(), parameters);
    check(given, bound, parameters, rows, needsInputGradient, random);
    check(given, bound, parameters, nextRows, needsInputGradient, random);
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
      boolean needsInputGradient,
      SplittableRandom random) {
    boolean back = given.transposed();
    float[] x = random(random, rows * given.inputs());
    Batch batch = new Batch().rows(rows);
    batch.values(Floats.of(x.clone()));
    bound.stage().forward(batch, true);
    float[] y = Arrays.copyOf(batch.values().array(), rows * given.outputs());

    double[] expected = new double[y.length];
    for (int i = 0; i < y.length && given.biased(); i++) {
      expected[i] = parameters[i % given.channels()];
    }
    given.taps(
        rows,
        (pixel, map, w) ->
            expected[back ? pixel : map] += (double) parameters[w] * x[back ? map : pixel]);
    for (int i = 0; i < y.length && given.rectified(); i++) {
      expected[i] = Math.max(0, expected[i]);
    }
    assertClose(y, expected, given.shape().weights());

    float[] dy = random(random, y.length);
    batch.values(Floats.of(dy.clone()));
    bound.stage().backward(batch, needsInputGradient);

    double[] gradients = new double[parameters.length];
    double[] dx = new double[x.length];
    for (int i = 0; i < dy.length; i++) {
      dy[i] = given.rectified() && y[i] <= 0 ? 0 : dy[i];
      if (given.biased()) {
        gradients[i % given.channels()] += dy[i];
      }
    }
    given.taps(
        rows,
        (pixel, map, w) -> {
          int in = back ? map : pixel;
          int out = back ? pixel : map;
          gradients[w] += (double) x[in] * dy[out];
          dx[in] += (double) parameters[w] * dy[out];
        });
    assertClose(bound.gradients(), gradients, y.length);
    if (needsInputGradient) {
      assertClose(batch.values().array(), dx, given.shape().weights());
    }
  }

  /** Sums of at most so many products of numbers up to 1. */
  private static void assertClose(float[] actual, double[] expected, int terms) {
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE * terms)) {
        assertThat((double) actual[i]).as("value %d", i).isEqualTo(expected[i]);
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
}
