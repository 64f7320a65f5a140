package dev.realnvp.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.jobs.bench.SyntheticAnomalies.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The anomalies of each kind are what their kind says. */
class SyntheticAnomaliesTest {

  private static final int FEATURES = 10;
  private static final SyntheticAnomalies TABLE = new SyntheticAnomalies(FEATURES, 1);
  private static final double[][] NORMAL = features(TABLE::normal);

  /** The values of each feature, of 10,000 rows. */
  private static double[][] features(LongFunction<float[]> row) {
    List<float[]> rows = LongStream.range(0, 10_000).mapToObj(row).toList();
    return IntStream.range(0, FEATURES)
        .mapToObj(j -> rows.stream().mapToDouble(values -> values[j]).toArray())
        .toArray(double[][]::new);
  }

  private static double[][] anomalies(Kind kind) {
    return features(id -> TABLE.anomaly(kind, id));
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double covariance(double[] a, double[] b) {
    double meanA = mean(a);
    double meanB = mean(b);
    return IntStream.range(0, a.length)
        .mapToDouble(i -> (a[i] - meanA) * (b[i] - meanB))
        .average()
        .orElseThrow();
  }

  /** The largest correlation of two features. */
  private static double correlation(double[][] features) {
    double most = 0;
    for (int i = 0; i < FEATURES; i++) {
      for (int j = 0; j < i; j++) {
        double scale =
            Math.sqrt(covariance(features[i], features[i]) * covariance(features[j], features[j]));
        most = Math.max(most, Math.abs(covariance(features[i], features[j])) / scale);
      }
    }
    return most;
  }

  @Test
  void aRowFollowsFromTheSeedAndItsId() {
    SyntheticAnomalies same = new SyntheticAnomalies(FEATURES, 1);
    SyntheticAnomalies other = new SyntheticAnomalies(FEATURES, 2);
    assertThat(same.normal(7)).isEqualTo(TABLE.normal(7)).isNotEqualTo(TABLE.normal(8));
    assertThat(other.normal(7)).isNotEqualTo(TABLE.normal(7));
    for (Kind kind : Kind.values()) {
      assertThat(same.anomaly(kind, 7))
          .isEqualTo(TABLE.anomaly(kind, 7))
          .isNotEqualTo(TABLE.anomaly(kind, 8));
    }
  }

  /** A cluster's variance is 1 in the mean, and 5 of the anomalies; its mean is the same. */
  @Test
  void localAnomaliesAreFartherFromTheirClusters() {
    double[][] local = anomalies(Kind.LOCAL);
    double more = 0;
    for (int j = 0; j < FEATURES; j++) {
      assertThat(mean(local[j])).isCloseTo(mean(NORMAL[j]), within(0.2));
      more += covariance(local[j], local[j]) - covariance(NORMAL[j], NORMAL[j]);
    }
    assertThat(more / FEATURES).isCloseTo(5 - 1, within(1.0));
  }

  @Test
  void globalAnomaliesAreAnywhereInTheRange() {
    double[][] global = anomalies(Kind.GLOBAL);
    for (int j = 0; j < FEATURES; j++) {
      double least = 1.1 * Arrays.stream(NORMAL[j]).min().orElseThrow();
      double greatest = 1.1 * Arrays.stream(NORMAL[j]).max().orElseThrow();
      double width = greatest - least;
      assertThat(Arrays.stream(global[j]).min().orElseThrow())
          .isCloseTo(least, within(0.01 * width));
      assertThat(Arrays.stream(global[j]).max().orElseThrow())
          .isCloseTo(greatest, within(0.01 * width));
      assertThat(mean(global[j])).isCloseTo((least + greatest) / 2, within(0.02 * width));
    }
    assertThat(correlation(global)).isLessThan(0.05);
  }

  @Test
  void clusteredAnomaliesHaveMeansFiveTimesAsFarFromZero() {
    double[][] clustered = anomalies(Kind.CLUSTERED);
    for (int j = 0; j < FEATURES; j++) {
      assertThat(mean(clustered[j])).isCloseTo(5 * mean(NORMAL[j]), within(0.5));
    }
  }

  @Test
  void dependencyAnomaliesHaveTheSameFeaturesIndependently() {
    double[][] independent = anomalies(Kind.DEPENDENCY);
    for (int j = 0; j < FEATURES; j++) {
      assertThat(mean(independent[j])).isCloseTo(mean(NORMAL[j]), within(0.2));
      assertThat(covariance(independent[j], independent[j]) / covariance(NORMAL[j], NORMAL[j]))
          .isCloseTo(1, within(0.1));
    }
    assertThat(correlation(NORMAL)).isGreaterThan(0.5);
    assertThat(correlation(independent)).isLessThan(0.05);
  }
}
