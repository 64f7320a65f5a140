package dev.realnvp.flow;

import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.layer.MixedFeatures;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How far a row lies from the middle of the rows that a flow was trained on, each feature by
 * itself:
 *
 * <pre>
 * r(x) = sum_j z_j^2 - 2 sum_m log q_m
 * </pre>
 *
 * <p>with z of each number: its value, or its place along its curve, less the mean and over the
 * deviation of all train rows, those at a level such as zero included; and with the share q of the
 * train rows at the row's level of each other feature, and of those without a value. It has no unit
 * and sees no dependency. A density of few rows says little about what is far from all of them;
 * this does.
 */
final class Distance {

  private final FeatureScaling scaling;
  private final List<FeatureKind> kinds;
  private final double[] logFrequencies;

  /** {@code sum_j log dz_j/dx_j} of a scaling, which is the same for all rows. */
  private final double logScales;

  /** Of the coordinates of each number, its levels included. */
  private final double[] means;

  private final double[] variances;

  private Distance(FeatureScaling scaling, List<FeatureKind> kinds, double[] logFrequencies) {
    this.scaling = scaling;
    this.kinds = kinds;
    this.logFrequencies = logFrequencies;
    logScales = scaling == null ? 0 : -Arrays.stream(scaling.scale()).map(Math::log).sum();
    means = new double[kinds.size()];
    variances = new double[kinds.size()];
    int offset = 0;
    for (int j = 0; j < means.length; j++) {
      FeatureKind kind = kinds.get(j);
      // Those that are at no level have mean 0 and variance 1.
      double all = kind.size() == 0 ? 1 : Math.exp(logFrequencies[offset + kind.size() - 1]);
      double squares = all;
      for (int l = 0; kind.isContinuous() && l < kind.levels().size(); l++) {
        double share = Math.exp(logFrequencies[offset + l]);
        double z = kind.coordinate(kind.levels().get(l));
        means[j] += share * z;
        squares += share * z * z;
        all += share;
      }
      means[j] /= all;
      variances[j] = squares / all - means[j] * means[j];
      offset += kind.size();
    }
  }

  /** That of a flow; empty if it does not know how its features are distributed. */
  static Optional<Distance> of(RealNVP flow) {
    Optional<Distance> mixed =
        flow.mixed()
            .map(MixedFeatures::kinds)
            .map(kinds -> new Distance(null, kinds, flow.logFrequencies()));
    return mixed.isPresent()
        ? mixed
        : flow.scaling().map(scaling -> new Distance(scaling, List.of(), new double[0]));
  }

  /**
   * {@code sum_j log dz_j/dx_j} over the row's numbers, in nats: by what log p(x) exceeds the
   * log-density of z.
   *
   * @param x {@code [N, D]}, row-major
   * @param from where the row begins
   */
  double logSlopes(float[] x, int from) {
    double sum = logScales;
    for (int j = 0; j < kinds.size(); j++) {
      sum += kinds.get(j).isNumber(x[from + j]) ? kinds.get(j).logSlope(x[from + j]) : 0;
    }
    return sum;
  }

  /**
   * r(x).
   *
   * @param x {@code [N, D]}, row-major
   * @param from where the row begins
   */
  double of(float[] x, int from) {
    double sum = 0;
    for (int j = 0; scaling != null && j < scaling.mean().length; j++) {
      double z = (x[from + j] - scaling.mean()[j]) / scaling.scale()[j];
      sum += z * z;
    }
    int offset = 0;
    for (int j = 0; j < kinds.size(); j++) {
      FeatureKind kind = kinds.get(j);
      float value = x[from + j];
      if (kind.isContinuous() && !Float.isNaN(value)) {
        double z = kind.coordinate(value) - means[j];
        sum += z * z / variances[j];
      } else if (kind.size() > 0) {
        int level = kind.level(value, kind.copied() < 0 ? 0 : x[from + kind.copied()]);
        boolean others = level == kind.size() - 1 && !kind.isContinuous();
        sum -= 2 * (logFrequencies[offset + level] - (others ? Math.log(kind.others()) : 0));
      }
      offset += kind.size();
    }
    return sum;
  }
}
