package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.apache.commons.math3.distribution.MultivariateNormalDistribution;
import org.apache.commons.math3.stat.correlation.Covariance;
import org.junit.jupiter.api.Test;

/** The coarse density behind the distance. */
class NormalMixtureTest {

  private static final boolean[] BOTH = {true, true};

  private static float[][] rows(int count, double... centres) {
    Random random = new Random(1);
    float[][] rows = new float[count][];
    for (int i = 0; i < count; i++) {
      double centre = centres[i % centres.length];
      double u = random.nextGaussian();
      rows[i] =
          new float[] {
            (float) (centre + u), (float) (100 * (centre + 0.8 * u + 0.6 * random.nextGaussian()))
          };
    }
    return rows;
  }

  /** Of a single group the own covariances and the mean ones are the same. */
  @Test
  void ofOneGroupItIsTheNormalDistributionWithARidge() {
    float[][] rows = rows(50, 3);
    NormalMixture mixture = NormalMixture.of(rows, BOTH);
    assertThat(mixture.groups()).isEqualTo(1);
    double[][] wide =
        Arrays.stream(rows).map(row -> new double[] {row[0], row[1]}).toArray(double[][]::new);
    double[][] covariances = new Covariance(wide, false).getCovarianceMatrix().getData();
    double logs = 0;
    for (int j = 0; j < 2; j++) {
      logs += Math.log(covariances[j][j]) / 2;
      covariances[j][j] *= 1.01;
    }
    double[] means = new double[2];
    Arrays.setAll(means, j -> Arrays.stream(wide).mapToDouble(row -> row[j]).average().orElse(0));
    MultivariateNormalDistribution normal = new MultivariateNormalDistribution(means, covariances);
    for (float[] row : new float[][] {{3, 300}, {4, 250}, {-1, 900}}) {
      double truth = Math.log(normal.density(new double[] {row[0], row[1]}));
      // Of standardised numbers, and without the constant.
      assertThat(mixture.logDensity(row, 0))
          .isCloseTo(truth + logs + Math.log(2 * Math.PI), within(1e-3));
    }
  }

  @Test
  void betweenGroupsItIsLowAlsoInTheirMiddle() {
    NormalMixture mixture = NormalMixture.of(rows(600, -10, 10), BOTH);
    double group = mixture.logDensity(new float[] {10, 1000}, 0);
    assertThat(mixture.logDensity(new float[] {0, 0}, 0)).isLessThan(group - 20);
    assertThat(mixture.logDensity(new float[] {0, 0, -10, -1000}, 2)).isCloseTo(group, within(1.0));
  }

  @Test
  void itDependsOnNumbersThatCountAloneAndOnNoUnit() {
    float[][] rows = rows(300, -2, 0, 5);
    NormalMixture first = NormalMixture.of(rows, new boolean[] {true, false});
    assertThat(first.logDensity(new float[] {1, 0}, 0))
        .isEqualTo(first.logDensity(new float[] {1, 77}, 0));
    float[][] scaled =
        Arrays.stream(rows).map(row -> new float[] {row[0], 1024 * row[1]}).toArray(float[][]::new);
    NormalMixture one = NormalMixture.of(rows, BOTH);
    NormalMixture other = NormalMixture.of(scaled, BOTH);
    assertThat(other.logDensity(new float[] {1, 1024 * 50}, 0))
        .isCloseTo(one.logDensity(new float[] {1, 50}, 0), within(1e-3));
    assertThat(one.logDensity(new float[] {Float.NaN, Float.NaN}, 0)).isFinite();
  }

  /** Fewer rows than a group has, constants, copies of one row, and many features. */
  @Test
  void whatHasNoGroupsHasNone() {
    assertThat(NormalMixture.of(rows(29, 0), BOTH).groups()).isZero();
    assertThat(NormalMixture.of(new float[100][2], BOTH).groups()).isZero();
    assertThat(NormalMixture.of(rows(100, 0), new boolean[2]).groups()).isZero();
    assertThat(NormalMixture.of(new float[100][129], new boolean[129]).groups()).isZero();
    float[][] flags = new float[200][2];
    for (int i = 0; i < flags.length; i++) {
      flags[i][0] = i % 2;
      flags[i][1] = i % 3 == 0 ? Float.NaN : i % 4 / 2;
    }
    NormalMixture few = NormalMixture.of(flags, BOTH);
    assertThat(few.groups()).isBetween(1, 3);
    assertThat(few.logDensity(new float[] {1, 1}, 0)).isFinite();
  }
}
