package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.column.Curve;
import dev.realnvp.flow.column.FeatureKind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DistanceTest {

  private static ClassMixture.Scores scores(RealNVP flow, float... x) {
    Context none = new Context.Values(new float[0], 0);
    return ClassMixture.batchInvariant(flow, new double[] {1}).score(x, none, 1);
  }

  private static double distance(RealNVP flow, float... x) {
    return scores(flow, x).distance()[0];
  }

  /** {@code dz/dx} of all numbers, as log p(x) and the density of the coordinates have it. */
  private static double slope(RealNVP flow, float... x) {
    ClassMixture.Scores scores = scores(flow, x);
    return Math.exp(scores.marginal()[0] - scores.logProbZ()[0]);
  }

  @Test
  void isTheSquaredLengthOfStandardisedFeatures() {
    RealNVP flow =
        RealNVP.create(
            RealNVPConfig.builder(2, 0, 2, List.of(4)).build(),
            new FeatureScaling(new double[] {10, -1}, new double[] {2, 0.25}),
            new double[0],
            Configs.ADAM);
    assertThat(distance(flow, 10, -1)).isZero();
    assertThat(distance(flow, 16, -1.5f)).isEqualTo(9 + 4);
    assertThat(slope(flow, 16, -1.5f)).isCloseTo(0.5 * 4, within(1e-6));
  }

  @Test
  void isUnknownWithoutStandardisation() {
    RealNVP flow = RealNVP.create(RealNVPConfig.builder(2, 0, 2, List.of(4)).build(), Configs.ADAM);
    assertThat(distance(flow, 1, 2)).isNaN();
    assertThat(slope(flow, 1, 2)).isNaN();
  }

  /** A category of values 0 and 1 and others, and a number that is 0 or missing at times. */
  @Test
  void countsLevelsByTheirShares() {
    double[] shares = {0.7, 0.2, 0.1, 0.5, 0.1, 0.4};
    double[] logs = new double[shares.length];
    Arrays.setAll(logs, i -> Math.log(shares[i]));
    RealNVP flow =
        RealNVP.create(
            RealNVPConfig.builder(2, 0, 2, List.of(4)).build(),
            List.of(MixedFlows.discrete(5.0, 0f, 1f), MixedFlows.atoms(true, false, 0f)),
            logs,
            Optional.empty(),
            new float[0][],
            new boolean[0],
            Configs.ADAM);
    // MixedFlows.SOFT; five of nine numbers are 0.
    double three = (asinh((3 - 1) / 2.0) - 0.3) / 0.75;
    double zero = (asinh((0 - 1) / 2.0) - 0.3) / 0.75;
    double mean = 5 * zero / 9;
    double variance = (5 * zero * zero + 4) / 9 - mean * mean;
    assertThat(distance(flow, 0, 3))
        .isCloseTo(-2 * Math.log(0.7) + Math.pow(three - mean, 2) / variance, within(1e-6));
    assertThat(distance(flow, 1, 0))
        .isCloseTo(-2 * Math.log(0.2) + Math.pow(zero - mean, 2) / variance, within(1e-6));
    assertThat(distance(flow, 8, Float.NaN))
        .isCloseTo(-2 * Math.log(0.1 / 5) - 2 * Math.log(0.1), within(1e-6));
    assertThat(slope(flow, 0, 3))
        .isCloseTo(1 / (0.75 * 2 * Math.sqrt(1 + Math.pow((3 - 1) / 2.0, 2))), within(1e-6));
    assertThat(slope(flow, 1, 0)).isCloseTo(1, within(1e-6));
  }

  /** Two groups of rows; the middle between them is far from both, and the middle of all. */
  @Test
  void isGreatBetweenGroupsOfRows() {
    Random random = new Random(1);
    float[][] rows = new float[400][];
    for (int i = 0; i < rows.length; i++) {
      int sign = i % 2 * 2 - 1;
      rows[i] = new float[] {(float) (sign + 0.1 * random.nextGaussian()), 2 * sign};
    }
    FeatureKind number = FeatureKind.continuous(Curve.linear(0, 1), 0);
    RealNVP flow =
        RealNVP.create(
            RealNVPConfig.builder(2, 0, 2, List.of(4)).build(),
            List.of(number, number),
            new double[0],
            Optional.empty(),
            rows,
            new boolean[] {true, true},
            Configs.ADAM);
    assertThat(distance(flow, 1, 2)).isLessThan(0.7);
    assertThat(distance(flow, -1, -2)).isLessThan(0.7);
    assertThat(distance(flow, 0, 0)).isGreaterThan(4);
    assertThat(distance(flow, 1, -2)).isGreaterThan(4);
    assertThat(distance(flow, 5, 10)).isGreaterThan(4);
  }

  private static double asinh(double x) {
    return Math.log(x + Math.sqrt(x * x + 1));
  }
}
