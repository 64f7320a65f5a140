package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The temperature T of a flow's posteriors: {@code P(k | x)} is proportional to {@code (pi_k p(x |
 * k))^(1 / T)}, so that the most likely class stays, and is less sure if T is above 1 (Guo, Pleiss,
 * Sun and Weinberger 2017, On calibration of modern neural networks, section 4.2).
 *
 * @param first of greatest likelihood on one half of the held-out rows, from 0.5 to 100
 * @param second on the other half
 */
public record Temperature(
    @JsonProperty(value = "first_half", required = true) double first,
    @JsonProperty(value = "second_half", required = true) double second)
    implements Serializable {

  private static final double LEAST = 0.5;
  private static final double MOST = 100;

  /** Fewer rows tell too little. */
  private static final int FEWEST = 200;

  /**
   * @throws IllegalArgumentException if one is out of range
   */
  public Temperature {
    if (!(Math.min(first, second) >= LEAST && Math.max(first, second) <= MOST)) {
      throw new IllegalArgumentException(
          "temperature: got %s and %s, expected from %s to %s"
              .formatted(first, second, LEAST, MOST));
    }
  }

  /**
   * That of N held-out rows; empty if there are fewer than {@value #FEWEST}.
   *
   * @param logProb log p(x), {@code [N]}, which decides about the half of a row
   * @param posterior log P(k | x) at T = 1, finite, {@code [N][K]}
   * @param labels the rows' classes, {@code [N]}
   */
  public static Optional<Temperature> fit(double[] logProb, double[][] posterior, int[] labels) {
    return labels.length < FEWEST
        ? Optional.empty()
        : Optional.of(
            new Temperature(
                fit(posterior, labels, i -> isFirst(logProb[i])),
                fit(posterior, labels, i -> !isFirst(logProb[i]))));
  }

  /** The likelihood is concave in 1 / T: its slope there changes its sign once. */
  private static double fit(double[][] posterior, int[] labels, IntPredicate taken) {
    int[] rows = IntStream.range(0, labels.length).filter(taken).toArray();
    double low = 1 / MOST;
    double high = 1 / LEAST;
    for (int k = 0; k < 30; k++) {
      double inverse = (low + high) / 2;
      double slope = 0;
      for (int i : rows) {
        slope += posterior[i][labels[i]] - mean(posterior[i], inverse);
      }
      low = slope > 0 ? inverse : low;
      high = slope > 0 ? high : inverse;
    }
    return 2 / (low + high);
  }

  /** The mean of log P(k | x) under the posterior at 1 / T; the greatest is at least -log K. */
  private static double mean(double[] posterior, double inverse) {
    double sum = 0;
    double total = 0;
    for (double value : posterior) {
      double weight = Math.exp(value * inverse);
      sum += weight * value;
      total += weight;
    }
    return sum / total;
  }

  /** T, the mean of both. */
  public double value() {
    return (first + second) / 2;
  }

  /** That of the half which a row is not of, by its log p(x). */
  public double ofOtherHalf(double logProb) {
    return isFirst(logProb) ? second : first;
  }

  private static boolean isFirst(double logProb) {
    return new SplittableRandom(Double.doubleToLongBits(logProb)).nextBoolean();
  }
}
