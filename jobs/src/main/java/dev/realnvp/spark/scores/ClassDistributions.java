package dev.realnvp.spark.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The distribution of a score over all rows, and over the rows of each most likely class.
 *
 * @param all over all rows
 * @param classes over the rows of each class, from 0; null for a class without rows
 */
public record ClassDistributions(
    @JsonProperty("all") Distribution all, @JsonProperty("classes") Distribution[] classes) {

  /**
   * @throws IllegalArgumentException if there is no distribution over all rows, or no class
   */
  public ClassDistributions {
    if (all == null || classes == null || classes.length == 0) {
      throw new IllegalArgumentException("expected a distribution of all rows, and of each class");
    }
  }

  /**
   * The distributions of scores.
   *
   * @param scores {@code [N]}, at least 1, finite
   * @param likeliest the rows' classes, {@code [N]}
   * @param count K, the number of classes
   */
  static ClassDistributions of(double[] scores, int[] likeliest, int count) {
    Distribution[] classes = new Distribution[count];
    IntStream.range(0, scores.length)
        .boxed()
        .collect(Collectors.groupingBy(i -> likeliest[i]))
        .forEach((k, rows) -> classes[k] = Distribution.of(pick(scores, rows)));
    return new ClassDistributions(Distribution.of(scores), classes);
  }

  private static double[] pick(double[] scores, List<Integer> rows) {
    return rows.stream().mapToDouble(i -> scores[i]).toArray();
  }

  /** The thresholds of the classes, {@code [K]}; infinite for one without rows. */
  double[] classThresholds(double falseAlarmRate) {
    return Arrays.stream(classes)
        .mapToDouble(c -> c == null ? Double.POSITIVE_INFINITY : c.threshold(falseAlarmRate))
        .toArray();
  }
}
