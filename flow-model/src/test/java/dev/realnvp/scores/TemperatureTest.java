package dev.realnvp.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class TemperatureTest {

  private static final int CLASSES = 4;

  /** Rows whose posteriors are what T = 1 makes of logits that are right at another one. */
  private static Temperature fitted(int rows, double temperature, long seed) {
    Random random = new Random(seed);
    double[] logProb = random.doubles(rows).toArray();
    double[][] posterior = new double[rows][];
    int[] labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      double[] logits = random.doubles(CLASSES).map(u -> 12 * u).toArray();
      double total = Math.log(DoubleStream.of(logits).map(Math::exp).sum());
      posterior[i] = DoubleStream.of(logits).map(logit -> logit - total).toArray();
      double[] right = DoubleStream.of(logits).map(l -> Math.exp(l / temperature)).toArray();
      double drawn = random.nextDouble() * Arrays.stream(right).sum();
      while (labels[i] < CLASSES - 1 && drawn > right[labels[i]]) {
        drawn -= right[labels[i]++];
      }
    }
    return Temperature.fit(logProb, posterior, labels).orElseThrow();
  }

  @Test
  void isTheOneThatMadeTheRows() {
    for (double expected : new double[] {0.7, 1, 2.5}) {
      Temperature fitted = fitted(20_000, expected, 1);
      assertThat(fitted.value()).isCloseTo(expected, within(0.05 * expected));
      for (double half : new double[] {fitted.first(), fitted.second()}) {
        assertThat(half).isCloseTo(expected, within(0.07 * expected));
      }
    }
  }

  @Test
  void eachHalfGetsTheOthers() {
    Temperature fitted = new Temperature(1, 3);
    assertThat(DoubleStream.iterate(0.5, x -> x + 1).limit(1000).map(fitted::ofOtherHalf).average())
        .hasValueCloseTo(2.0, within(0.2));
  }

  @Test
  void fewRowsHaveNone() {
    assertThat(Temperature.fit(new double[199], new double[199][CLASSES], new int[199])).isEmpty();
    assertThat(fitted(200, 3, 2).value()).isBetween(2.0, 5.0);
  }

  /** All right, and sure of it: no row says how sure is too sure. */
  @Test
  void itEndsWhereNothingIsKnown() {
    double[][] posterior = new double[300][];
    Arrays.setAll(posterior, i -> new double[] {-1e-9, -20});
    double[] logProb = new Random(3).doubles(300).toArray();
    assertThat(Temperature.fit(logProb, posterior, new int[300]).orElseThrow().value())
        .isCloseTo(0.5, within(1e-6));
    Arrays.setAll(posterior, i -> new double[] {-20, -1e-9});
    assertThat(Temperature.fit(logProb, posterior, new int[300]).orElseThrow().value())
        .isCloseTo(100, within(1e-3));
    assertThatThrownBy(() -> new Temperature(1, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("temperature: got 1.0 and NaN, expected from 0.5 to 100.0");
  }
}
