package dev.realnvp.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.model.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Probabilities against tables, and against all orders of small samples. */
class TwoSamplesTest {

  /** Smirnov 1948, Table for estimating the goodness of fit of empirical distributions. */
  @Test
  void kolmogorovsDistributionIsThatOfTables() {
    double[][] table = {
      {0.50, 0.963945},
      {0.83, 0.496062},
      {1.00, 0.270000},
      {1.2239, 0.1},
      {1.3581, 0.05},
      {1.6276, 0.01},
      {1.9495, 0.001},
      {2.50, 0.0000075}
    };
    for (double[] line : table) {
      // Of 2 n rows and 2 n, n = 10,000.
      assertThat(TwoSamples.kolmogorov(line[0] / 100, 20_000, 20_000))
          .isCloseTo(line[1], within(2e-5 + 1e-3 * line[1]));
    }
    assertThat(TwoSamples.kolmogorov(0, 10, 10)).isOne();
    assertThat(TwoSamples.kolmogorov(1, 100_000, 100_000)).isZero();
  }

  /** Never less than the share of the orders of n and m rows that are at least as far apart. */
  @Test
  void kolmogorovsLimitIsNotTooSmall() {
    int[][] sizes = {{3, 3}, {5, 5}, {10, 7}, {7, 300}, {50, 50}, {60, 50}, {200, 150}, {200, 200}};
    for (int[] size : sizes) {
      for (double l = 1.2; l < 3; l += 0.05) {
        double root = Math.sqrt(1.0 / size[0] + 1.0 / size[1]);
        // On the lattice of differences.
        long lattice = (long) size[0] * size[1];
        double distance = Math.ceil(l * root * lattice) / lattice;
        double exact = exact(size[0], size[1], distance);
        if (distance <= 1 && exact > 1e-9) {
          assertThat(TwoSamples.kolmogorov(distance, size[0], size[1])).isGreaterThan(0.97 * exact);
        }
      }
    }
  }

  /** The share of the paths from (0, 0) to (n, m) that leave the strip somewhere. */
  private static double exact(int n, int m, double distance) {
    double limit = distance * n * m - 1e-7;
    double[] inside = new double[m + 1];
    for (int i = 0; i <= n; i++) {
      for (int j = 0; j <= m; j++) {
        double before = i == 0 && j == 0 ? 1 : 0;
        before += i > 0 ? inside[j] * i / (i + j) : 0;
        before += j > 0 ? inside[j - 1] * j / (i + j) : 0;
        inside[j] = Math.abs((long) i * m - (long) j * n) < limit ? before : 0;
      }
    }
    return 1 - inside[m];
  }

  /** In all 126 orders of 5 and 4 rows. */
  @Test
  void rowsFarOutAreAsProbableAsTheirOrders() {
    double beyond = 0;
    for (int order = 0; order < 1 << 9; order++) {
      // At least two of the 4 are further out than the second of the 5.
      int others = ~order & (~order - 1);
      if (Integer.bitCount(order) == 4 && Integer.numberOfTrailingZeros(others) - 1 >= 2) {
        beyond += 1 / 126.0;
      }
    }
    assertThat(TwoSamples.beyond(1, 5, 2, 4)).isCloseTo(beyond, within(1e-12));
    assertThat(TwoSamples.beyond(0, 5, 4, 4)).isCloseTo(1 / 126.0, within(1e-12));
    assertThat(TwoSamples.beyond(3, 5, 0, 4)).isOne();
  }

  /** Sums of binomial coefficients, and of three kinds exp(-x / 2), by Python's integers. */
  @Test
  void countsOfKinds() {
    assertThat(TwoSamples.homogeneity(new long[] {20, 300}, new long[] {40, 280}))
        .isCloseTo(0.009491752842977833, within(1e-9));
    assertThat(TwoSamples.homogeneity(new long[] {30, 50, 120}, new long[] {60, 45, 95}))
        .isCloseTo(0.0013808344074428818, within(1e-9));
    assertThat(TwoSamples.homogeneity(new long[] {30, 50, 120, 1}, new long[] {60, 45, 95, 0}))
        .isCloseTo(0.0020198376461593066, within(1e-9));
  }

  @Test
  void aMarginalIsBoundedAndKnowsItsValuesExactly() {
    double[] numbers = new Random(1).doubles(50_000).map(x -> x < 0.3 ? 0 : x).toArray();
    Marginal all = Marginal.of(numbers);
    Marginal some = Marginal.of(numbers, 100);
    assertThat(some.values().length).isBetween(60, 107);
    assertThat(some.count()).isEqualTo(50_000);
    for (int i = 0; i < some.values().length; i++) {
      double value = some.values()[i];
      assertThat(some.below()[i]).isEqualTo(Arrays.stream(numbers).filter(x -> x < value).count());
      assertThat(some.below()[i] + some.equal()[i]).isEqualTo(all.less(value) + all.equal(value));
      assertThat(some.below()[i]).isEqualTo(all.less(value));
    }
    assertThat(some.median()).isEqualTo(all.median());
    assertThat(some.mean()).isEqualTo(all.mean());
    double[] back =
        IntStream.range(0, numbers.length)
            .mapToDouble(i -> numbers[numbers.length - 1 - i])
            .toArray();
    assertThat(Json.tree(Marginal.of(back, 100))).isEqualTo(Json.tree(some));
    // What is between two values is missed, at most: a hundredth.
    Marginal now = Marginal.of(new Random(2).doubles(5000).map(x -> 0.05 + 0.95 * x).toArray());
    assertThat(Shift.of(0, "x", some, now).distance())
        .isCloseTo(Shift.of(0, "x", all, now).distance(), within(0.01));
  }

  @Test
  void whatIsMissingIsBelowAllNumbers() {
    double[] numbers = new Random(1).doubles(2000).toArray();
    double[] gaps = numbers.clone();
    Arrays.fill(gaps, 0, 200, Double.NaN);
    Marginal some = Marginal.of(gaps, 100);
    assertThat(some.equal()[0]).isEqualTo(200);
    assertThat(some.mean())
        .isCloseTo(Arrays.stream(gaps, 200, 2000).average().orElseThrow(), within(1e-12));
    assertThat(Shift.of(0, "x", some, Marginal.of(numbers)).distance()).isBetween(0.09, 0.12);
  }

  @Test
  void aReferenceIsReadAsItWasWrittenAndHasSomeMegabytes() {
    Random random = new Random(3);
    List<Marginal> features =
        IntStream.range(0, 300)
            .mapToObj(
                j ->
                    Marginal.of(
                        IntStream.range(0, 5000)
                            .mapToDouble(i -> (float) random.nextGaussian())
                            .toArray(),
                        Reference.values(300)))
            .toList();
    Drift.Scored scored =
        new Drift.Scored(new double[] {1.5, Double.NEGATIVE_INFINITY, 2}, new long[] {2, 1});
    String json = Reference.of("test", scored, features).toJson();
    assertThat(json.length()).isBetween(1_000_000, 2_200_000);
    Reference read = Reference.fromJson(json);
    assertThat(read.toJson()).isEqualTo(json);
    assertThat(read.logProb().values()).containsExactly(-Double.MAX_VALUE, 1.5, 2);
    assertThat(LongStream.of(read.classes()).sum()).isEqualTo(3);
  }
}
