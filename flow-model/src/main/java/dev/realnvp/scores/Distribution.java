package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import java.util.Arrays;
import java.util.function.DoublePredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The distribution of a score over rows, in bounded size. The k-th of the n sorted scores (from 0)
 * is the quantile at level k / (n - 1), and levels and quantiles between are interpolated (Hyndman
 * and Fan 1996, Sample quantiles in statistical packages, type 7). Up to {@value #MOST} scores are
 * kept unchanged. Of more, only quantiles are kept: at thousandths, and at some levels nearer to
 * both ends.
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
public final class Distribution implements Serializable {

  /** The number of scores that are kept unchanged. */
  static final int MOST = 1013;

  /** The levels of a normal distribution 1, 2 and 3 standard deviations above its median. */
  private static final double[] DEVIATIONS = {
    0.8413447460685429, 0.9772498680518208, 0.9986501019683699
  };

  /**
   * Scores whose difference is less than this fraction of the median may differ by rounding only.
   */
  private static final double RESOLUTION = 1e-6;

  @JsonProperty private final long count;
  @JsonProperty private final double mean;
  @JsonProperty private final double[] quantiles;
  private final double[] levels;
  private final double median;
  private final double lowDeviation;
  private final double highDeviation;

  /**
   * As it is stored.
   *
   * @throws IllegalArgumentException if it is not a distribution
   */
  @JsonCreator
  Distribution(
      @JsonProperty(value = "count", required = true) long count,
      @JsonProperty(value = "mean", required = true) double mean,
      @JsonProperty(value = "quantiles", required = true) double[] quantiles) {
    require(count >= 1, "count", count, "at least 1");
    require(Double.isFinite(mean), "mean", mean, "a finite number");
    require(quantiles != null, "quantiles", "null", "numbers");
    int size = (int) Math.min(count, MOST);
    require(
        quantiles.length == size,
        "quantiles",
        "%d of %d scores".formatted(quantiles.length, count),
        size);
    for (int i = 0; i < size; i++) {
      require(
          Double.isFinite(quantiles[i]) && quantiles[i] >= quantiles[Math.max(0, i - 1)],
          "quantiles",
          quantiles[i],
          "finite numbers in their order");
    }
    this.count = count;
    this.mean = mean;
    this.quantiles = quantiles;
    levels = levels(count);
    median = quantile(0.5);
    double low = deviation(-1);
    double high = deviation(1);
    lowDeviation = orElse(low, high);
    highDeviation = orElse(high, low);
  }

  /**
   * The length of one standard deviation on one side of the median, if the scores are normal there:
   * the distance to the quantile one deviation away. If scores tie with the median that far, half
   * of the distance at two deviations, a third of that at three, or a quarter of that to the
   * outermost score.
   *
   * @param side -1 or 1
   * @return 0 if all scores of that side tie
   */
  private double deviation(int side) {
    double resolution = RESOLUTION * Math.abs(median);
    for (int k = 0; k < DEVIATIONS.length; k++) {
      double level = side > 0 ? DEVIATIONS[k] : 1 - DEVIATIONS[k];
      double distance = side * (quantile(level) - median);
      if (distance > resolution) {
        return distance / (k + 1);
      }
    }
    double farthest = side * (quantile(side > 0 ? 1 : 0) - median);
    return farthest > resolution ? farthest / (DEVIATIONS.length + 1) : 0;
  }

  /** A side without a deviation gets the other side's; if both have none, 1 in the score's unit. */
  private static double orElse(double deviation, double other) {
    return deviation > 0 ? deviation : other > 0 ? other : 1;
  }

  private static void require(boolean holds, String field, Object got, Object expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "%s of a distribution: got %s, expected %s".formatted(field, got, expected));
    }
  }

  /**
   * The distribution of scores.
   *
   * @param scores at least 1, finite
   */
  public static Distribution of(double[] scores) {
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    double[] even = evenLevels(sorted.length);
    return new Distribution(
        sorted.length,
        DoubleStream.of(sorted).average().orElseThrow(),
        DoubleStream.of(levels(sorted.length)).map(p -> interpolate(even, sorted, p)).toArray());
  }

  /** The levels of the quantiles that are kept of n scores. */
  private static double[] levels(long n) {
    if (n <= MOST) {
      return evenLevels((int) n);
    }
    DoubleStream thousandths = IntStream.range(1, 1000).mapToDouble(i -> i / 1000.0);
    DoubleStream ends =
        DoubleStream.of(0, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4)
            .flatMap(p -> DoubleStream.of(p, 1 - p));
    return DoubleStream.concat(thousandths, ends).sorted().toArray();
  }

  private static double[] evenLevels(int n) {
    return IntStream.range(0, n).mapToDouble(k -> n == 1 ? 1 : k / (n - 1.0)).toArray();
  }

  /**
   * The value at a place of the lines through the points (from, to). Beyond the ends it is the
   * value of the end; if several points have the same place, that of the last.
   */
  private static double interpolate(double[] from, double[] to, double at) {
    int above = atMost(from, at);
    if (above == 0 || above == from.length) {
      return to[Math.max(0, above - 1)];
    }
    double share = (at - from[above - 1]) / (from[above] - from[above - 1]);
    return to[above - 1] + share * (to[above] - to[above - 1]);
  }

  /** The number of scores. */
  public long count() {
    return count;
  }

  /** Their mean. */
  public double mean() {
    return mean;
  }

  /** The share of the scores that are at most a given score, 0 to 1. */
  public double level(double score) {
    if (score < quantiles[0]) {
      return 0;
    }
    return Double.isNaN(score) ? score : interpolate(quantiles, levels, score);
  }

  /** The score at a level, 0 to 1. */
  public double quantile(double level) {
    return interpolate(levels, quantiles, level);
  }

  /** The share of the scores that lie so many interquartile ranges below the lower quartile. */
  double shareBelow(double ranges) {
    double quartile = quantile(0.25);
    return level(quartile - ranges * (quantile(0.75) - quartile));
  }

  /**
   * The score that another score of the same distribution exceeds with at most the given
   * probability: of n scores, the one at place {@code ceil((1 - rate) (n + 1))}, counted from 1
   * (split conformal prediction; Lei, G'Sell, Rinaldo, Tibshirani and Wasserman 2018,
   * Distribution-free predictive inference for regression). Infinite if n is too small for the
   * rate, less than {@code 1 / rate - 1}.
   *
   * @param rate above 0 and below 1
   */
  public double threshold(double rate) {
    double place = Math.ceil((1 - rate) * (count + 1));
    return place > count
        ? Double.POSITIVE_INFINITY
        : quantile((place - 1) / Math.max(1, count - 1));
  }

  /**
   * The number of deviations of the upper half by which a score is above the median; negative below
   * it.
   */
  double deviationsAbove(double score) {
    return (score - median) / highDeviation;
  }

  /**
   * The number of deviations of the lower half by which a score is below the median; negative above
   * it.
   */
  double deviationsBelow(double score) {
    return (median - score) / lowDeviation;
  }

  /** The number of values less than a given one. */
  static int less(double[] sorted, double than) {
    return first(sorted, value -> value >= than);
  }

  /** The number of values less than or equal to a given one. */
  static int atMost(double[] sorted, double most) {
    return first(sorted, value -> value > most);
  }

  /** The index of the first value beyond a limit; all values after it are beyond it too. */
  private static int first(double[] sorted, DoublePredicate beyond) {
    int from = 0;
    for (int to = sorted.length; from < to; ) {
      int middle = (from + to) >>> 1;
      if (beyond.test(sorted[middle])) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }
}
