package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;

/**
 * How well a score, which is greater for anomalies, distinguishes them from normal rows. Standard
 * errors are the deviations of {@value #RESAMPLINGS} figures of rows that are drawn anew, with
 * replacement, normal rows and anomalies apart (the bootstrap; Efron 1979, Bootstrap methods:
 * another look at the jackknife).
 *
 * @param auroc the area under the receiver operating characteristic: the probability that an
 *     anomaly has a greater score than a normal row, equal scores count half
 * @param falseAlarmRate the share of normal rows whose score reaches the greatest threshold that at
 *     least 95 % of the anomalies reach
 * @param aurocError the standard error of the area
 * @param averagePrecision the mean over the anomalies of the precision at the anomaly's own score,
 *     which is the share of anomalies among the rows with at least that score; unlike the area it
 *     depends on the share of anomalies among the rows
 * @param averagePrecisionError its standard error
 * @param curve the receiver operating characteristic, at most {@value #MOST_POINTS} points from (0,
 *     0) to (1, 1): the share of normal rows above a threshold, and that of anomalies
 */
public record Detection(
    @JsonProperty(value = "auroc", required = true) double auroc,
    @JsonProperty(value = "false_alarm_rate_at_95_detection", required = true)
        double falseAlarmRate,
    @JsonProperty(value = "auroc_standard_error", required = true) double aurocError,
    @JsonProperty(value = "average_precision", required = true) double averagePrecision,
    @JsonProperty(value = "average_precision_standard_error", required = true)
        double averagePrecisionError,
    @JsonProperty(value = "roc", required = true) List<List<Double>> curve) {

  private static final double DETECTED = 0.95;
  static final int RESAMPLINGS = 200;
  private static final int MOST_POINTS = 100;

  /**
   * Measures a score on all rows.
   *
   * @param normal scores, at least 1, no NaN
   * @param anomalous scores, at least 1, no NaN
   */
  public static Detection of(double[] normal, double[] anomalous) {
    return of(normal, 1, anomalous, 1, new double[RESAMPLINGS]);
  }

  /**
   * Measures a score on some rows.
   *
   * @param normalWeight how many rows each of the normal scores stands for
   * @param anomalousWeight how many rows each of the anomalous scores stands for
   * @param areas is given those of the drawn rows, {@value #RESAMPLINGS}. Which rows these are
   *     follows from the numbers of rows, so that two scores of the same rows can be compared
   */
  static Detection of(
      double[] normal,
      double normalWeight,
      double[] anomalous,
      double anomalousWeight,
      double[] areas) {
    double[] values =
        DoubleStream.concat(Arrays.stream(normal), Arrays.stream(anomalous))
            .sorted()
            .distinct()
            .toArray();
    int[] normalPlaces = places(normal, values);
    int[] anomalousPlaces = places(anomalous, values);
    Counts all =
        new Counts(new long[values.length], new long[values.length], normalWeight, anomalousWeight);
    for (int place : normalPlaces) {
      all.normal[place]++;
    }
    for (int place : anomalousPlaces) {
      all.anomalous[place]++;
    }
    double[] precisions = new double[RESAMPLINGS];
    SplittableRandom random = new SplittableRandom(1);
    Counts drawn =
        new Counts(new long[values.length], new long[values.length], normalWeight, anomalousWeight);
    for (int i = 0; i < RESAMPLINGS; i++) {
      draw(normalPlaces, random, drawn.normal);
      draw(anomalousPlaces, random, drawn.anomalous);
      areas[i] = drawn.area();
      precisions[i] = drawn.averagePrecision();
    }
    return new Detection(
        all.area(),
        falseAlarmRate(normal, anomalous),
        deviation(areas),
        all.averagePrecision(),
        deviation(precisions),
        all.curve());
  }

  /** The place of each value among the sorted distinct ones. */
  private static int[] places(double[] of, double[] values) {
    return Arrays.stream(of).mapToInt(value -> Distribution.less(values, value)).toArray();
  }

  private static void draw(int[] places, SplittableRandom random, long[] counts) {
    Arrays.fill(counts, 0);
    for (int i = 0; i < places.length; i++) {
      counts[places[random.nextInt(places.length)]]++;
    }
  }

  static double deviation(double[] values) {
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares / (values.length - 1));
  }

  private static double falseAlarmRate(double[] normal, double[] anomalous) {
    double[] sorted = normal.clone();
    Arrays.sort(sorted);
    double[] detected = anomalous.clone();
    Arrays.sort(detected);
    int missed = detected.length - (int) Math.ceil(DETECTED * detected.length);
    int quiet = Distribution.less(sorted, detected[missed]);
    return (sorted.length - quiet) / (double) sorted.length;
  }

  /** Rows by score, from the lowest: the numbers of both kinds, and how many each stands for. */
  private record Counts(
      long[] normal, long[] anomalous, double normalWeight, double anomalousWeight) {

    /** The Mann-Whitney statistic over the number of pairs. */
    double area() {
      double wins = 0;
      long below = 0;
      for (int i = 0; i < normal.length; i++) {
        wins += anomalous[i] * (below + normal[i] / 2.0);
        below += normal[i];
      }
      return wins / ((double) below * Arrays.stream(anomalous).sum());
    }

    double averagePrecision() {
      double sum = 0;
      long found = 0;
      long falseAlarms = 0;
      for (int i = normal.length - 1; i >= 0; i--) {
        found += anomalous[i];
        falseAlarms += normal[i];
        if (anomalous[i] > 0) {
          double anomalies = found * anomalousWeight;
          sum += anomalous[i] * anomalies / (anomalies + falseAlarms * normalWeight);
        }
      }
      return sum / found;
    }

    /** All corners, but of corners that are close to each other only the first. */
    List<List<Double>> curve() {
      double allNormal = Arrays.stream(normal).sum();
      double allAnomalous = Arrays.stream(anomalous).sum();
      List<List<Double>> curve = new ArrayList<>(List.of(List.of(0.0, 0.0)));
      long found = 0;
      long falseAlarms = 0;
      double length = 0;
      for (int i = normal.length - 1; i > 0; i--) {
        found += anomalous[i];
        falseAlarms += normal[i];
        double x = falseAlarms / allNormal;
        double y = found / allAnomalous;
        if (x + y - length > 2.0 / (MOST_POINTS - 2)) {
          length = x + y;
          curve.add(List.of(x, y));
        }
      }
      curve.add(List.of(1.0, 1.0));
      return List.copyOf(curve);
    }
  }
}
