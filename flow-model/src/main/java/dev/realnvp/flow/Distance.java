package dev.realnvp.flow;

import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.layer.MixedFeatures;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.descriptive.rank.Percentile.EstimationType;

/**
 * How far a row lies from the rows that a flow was trained on: from their middle, each feature by
 * itself, and from the nearest groups of them, of {@link NormalMixture},
 *
 * <pre>
 * r(x) = sum_j z_j^2 - 2 sum_m log q_m
 * g(x) = -log sum_k w_k N(x; m_k, C_k)
 * distance = log(1 + v(r)^2 + v(g)^2 / 2),  v(u) = max(0, (u - q50) / (q84 - q50))
 * </pre>
 *
 * <p>with the quantiles of r and g of the train rows, or r itself if there are no groups; with z of
 * each number: its value, or its place along its curve, less the mean and over the deviation of all
 * train rows, those at a level such as zero included; and with the share q of the train rows at the
 * row's level of each other feature, and of those without a value. No unit of a feature moves it. A
 * density of few rows says little about what is far from all of them; this does. How far, it says
 * only roughly, by the logarithm: what is rare, but follows from the row's other features, such as
 * the price of the dearest goods, would hide what does not.
 */
final class Distance {

  /** Those at the median and a deviation above it, of r and of g. */
  private static final int QUANTILES = 4;

  /** Levels of a normal distribution 0 to 3 deviations above its median, in percent. */
  private static final double[] LEVELS = {
    50, 84.13447460685429, 97.72498680518208, 99.86501019683699
  };

  /** Less than this of the median, or less than this, is no difference. */
  private static final double RESOLUTION = 1e-6;

  private final FeatureScaling scaling;
  private final List<FeatureKind> kinds;
  private final double[] logFrequencies;

  /** {@code sum_j log dz_j/dx_j} of a scaling, which is the same for all rows. */
  private final double logScales;

  /** Of the coordinates of each number, its levels included. */
  private final double[] means;

  private final double[] variances;

  private final NormalMixture groups;

  /** The quantiles of r, then of g; empty without groups. */
  private final float[] quantiles;

  private Distance(
      FeatureScaling scaling,
      List<FeatureKind> kinds,
      double[] logFrequencies,
      float[] surroundings) {
    int ofGroups = Math.max(0, surroundings.length - QUANTILES);
    groups = new NormalMixture(kinds.size(), Arrays.copyOf(surroundings, ofGroups));
    quantiles = Arrays.copyOfRange(surroundings, ofGroups, surroundings.length);
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
            .map(kinds -> new Distance(null, kinds, flow.logFrequencies(), flow.surroundings()));
    return mixed.isPresent()
        ? mixed
        : flow.scaling()
            .map(scaling -> new Distance(scaling, List.of(), new double[0], new float[0]));
  }

  /**
   * What a flow stores of its train rows for the distance.
   *
   * @param kinds of the features, {@code [D]}
   * @param logFrequencies of all levels
   * @param rows a sample, {@code [N][D]}, NaN for missing values
   * @param numeric which features are numbers, rather than places of categories
   * @return the values of the mixture and the quantiles; empty if there are no groups
   */
  static float[] surroundings(
      List<FeatureKind> kinds, double[] logFrequencies, float[][] rows, boolean[] numeric) {
    NormalMixture groups = NormalMixture.of(rows, numeric);
    if (groups.groups() == 0) {
      return new float[0];
    }
    Distance middle = new Distance(null, kinds, logFrequencies, new float[0]);
    float[] values = Arrays.copyOf(groups.values(), groups.values().length + QUANTILES);
    double[][] all = {
      Arrays.stream(rows).mapToDouble(row -> middle.ofMiddle(row, 0)).toArray(),
      Arrays.stream(rows).mapToDouble(row -> -groups.logDensity(row, 0)).toArray()
    };
    for (int i = 0; i < all.length; i++) {
      double[] found = quantiles(all[i]);
      values[groups.values().length + 2 * i] = (float) found[0];
      values[groups.values().length + 2 * i + 1] = (float) found[1];
    }
    return values;
  }

  /** The median, and what is a deviation above it; by levels further out if these tie. */
  private static double[] quantiles(double[] values) {
    Percentile percentile = new Percentile().withEstimationType(EstimationType.R_7);
    percentile.setData(values);
    double median = percentile.evaluate(LEVELS[0]);
    for (int level = 1; level < LEVELS.length; level++) {
      double deviation = (percentile.evaluate(LEVELS[level]) - median) / level;
      if (deviation > RESOLUTION * Math.abs(median) && deviation > RESOLUTION) {
        return new double[] {median, median + deviation};
      }
    }
    return new double[] {median, median + 1};
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
   * The distance.
   *
   * @param x {@code [N, D]}, row-major
   * @param from where the row begins
   */
  double of(float[] x, int from) {
    double middle = ofMiddle(x, from);
    return quantiles.length == 0
        ? middle
        : Math.log1p(square(middle, 0) + square(-groups.logDensity(x, from), 2) / 2);
  }

  /** v(u)^2, with the quantiles from a place on. */
  private double square(double value, int at) {
    double deviation = (double) quantiles[at + 1] - quantiles[at];
    return Math.pow(Math.max(0, (value - quantiles[at]) / deviation), 2);
  }

  /** r(x). */
  private double ofMiddle(float[] x, int from) {
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
