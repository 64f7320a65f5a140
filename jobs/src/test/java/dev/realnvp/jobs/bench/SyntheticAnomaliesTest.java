package dev.realnvp.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.jobs.bench.SyntheticAnomalies.Kind;
import java.util.Arrays;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.correlation.Covariance;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.junit.jupiter.api.Test;

/** The anomalies of each kind are what their kind says. */
class SyntheticAnomaliesTest {

  private static final int FEATURES = 10;
  private static final SyntheticAnomalies TABLE = new SyntheticAnomalies(FEATURES, 1);
  private static final Rows NORMAL = Rows.of(TABLE::normal);

  /** The values of 10,000 rows. */
  private record Rows(double[][] rows, RealMatrix covariance) {

    static Rows of(LongFunction<float[]> row) {
      double[][] rows =
          LongStream.range(0, 10_000)
              .mapToObj(row)
              .map(
                  values -> {
                    double[] doubles = new double[values.length];
                    for (int j = 0; j < values.length; j++) {
                      doubles[j] = values[j];
                    }
                    return doubles;
                  })
              .toArray(double[][]::new);
      return new Rows(rows, new Covariance(rows).getCovarianceMatrix());
    }

    static Rows of(Kind kind) {
      return of(id -> TABLE.anomaly(kind, id));
    }

    double[] feature(int j) {
      return Arrays.stream(rows).mapToDouble(row -> row[j]).toArray();
    }

    double mean(int j) {
      return StatUtils.mean(feature(j));
    }

    double variance(int j) {
      return covariance.getEntry(j, j);
    }

    /** The largest correlation of two features. */
    double correlation() {
      RealMatrix all = new PearsonsCorrelation(rows).getCorrelationMatrix();
      double most = 0;
      for (int i = 0; i < FEATURES; i++) {
        for (int j = 0; j < i; j++) {
          most = Math.max(most, Math.abs(all.getEntry(i, j)));
        }
      }
      return most;
    }
  }

  @Test
  void aRowFollowsFromTheSeedAndItsId() {
    SyntheticAnomalies same = new SyntheticAnomalies(FEATURES, 1);
    assertThat(same.normal(7)).isEqualTo(TABLE.normal(7)).isNotEqualTo(TABLE.normal(8));
    assertThat(new SyntheticAnomalies(FEATURES, 2).normal(7)).isNotEqualTo(TABLE.normal(7));
    for (Kind kind : Kind.values()) {
      assertThat(same.anomaly(kind, 7))
          .isEqualTo(TABLE.anomaly(kind, 7))
          .isNotEqualTo(TABLE.anomaly(kind, 8));
    }
  }

  /** A cluster's variance is 1 in the mean, and 5 of local anomalies. */
  @Test
  void eachKindDiffersAsItSays() {
    Rows local = Rows.of(Kind.LOCAL);
    Rows global = Rows.of(Kind.GLOBAL);
    Rows clustered = Rows.of(Kind.CLUSTERED);
    Rows independent = Rows.of(Kind.DEPENDENCY);
    double more = 0;
    for (int j = 0; j < FEATURES; j++) {
      assertThat(local.mean(j)).isCloseTo(NORMAL.mean(j), within(0.2));
      more += local.variance(j) - NORMAL.variance(j);

      double least = 1.1 * StatUtils.min(NORMAL.feature(j));
      double width = 1.1 * StatUtils.max(NORMAL.feature(j)) - least;
      assertThat(StatUtils.min(global.feature(j))).isCloseTo(least, within(0.01 * width));
      assertThat(StatUtils.max(global.feature(j))).isCloseTo(least + width, within(0.01 * width));
      assertThat(global.mean(j)).isCloseTo(least + width / 2, within(0.02 * width));

      assertThat(clustered.mean(j)).isCloseTo(5 * NORMAL.mean(j), within(0.5));

      assertThat(independent.mean(j)).isCloseTo(NORMAL.mean(j), within(0.2));
      assertThat(independent.variance(j) / NORMAL.variance(j)).isCloseTo(1, within(0.1));
    }
    assertThat(more / FEATURES).isCloseTo(5 - 1, within(1.0));
    assertThat(NORMAL.correlation()).isGreaterThan(0.5);
    assertThat(global.correlation()).isLessThan(0.05);
    assertThat(independent.correlation()).isLessThan(0.05);
  }
}
