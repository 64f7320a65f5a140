package dev.realnvp.spark.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;

/**
 * How well a score, which is greater for anomalies, distinguishes them from normal rows.
 *
 * @param auroc the area under the receiver operating characteristic: the probability that an
 *     anomaly has a greater score than a normal row, equal scores count half
 * @param falseAlarmRate the share of normal rows whose score reaches the greatest threshold that at
 *     least 95 % of the anomalies reach
 */
public record Detection(
    @JsonProperty("auroc") double auroc,
    @JsonProperty("false_alarm_rate_at_95_detection") double falseAlarmRate) {

  private static final double DETECTED = 0.95;

  /**
   * Measures a score, exactly: the area is the Mann-Whitney statistic over the number of pairs.
   *
   * @param normal scores, at least 1, no NaN
   * @param anomalous scores, at least 1, no NaN
   */
  public static Detection of(double[] normal, double[] anomalous) {
    double[] sorted = normal.clone();
    Arrays.sort(sorted);
    double lower = 0;
    for (double score : anomalous) {
      lower += (Distribution.less(sorted, score) + Distribution.atMost(sorted, score)) / 2.0;
    }
    double[] detected = anomalous.clone();
    Arrays.sort(detected);
    int missed = detected.length - (int) Math.ceil(DETECTED * detected.length);
    int quiet = Distribution.less(sorted, detected[missed]);
    return new Detection(
        lower / ((double) normal.length * anomalous.length),
        (sorted.length - quiet) / (double) sorted.length);
  }

  /**
   * The average precision of a score, exactly: the mean over the anomalies of the precision at the
   * anomaly's own score, which is the share of anomalies among the rows with at least that score.
   * Unlike the area it depends on the share of anomalies among the rows, so all rows have to be
   * given.
   *
   * @param normal scores, no NaN
   * @param anomalous scores, at least 1, no NaN
   */
  public static double averagePrecision(double[] normal, double[] anomalous) {
    double[] sorted = normal.clone();
    Arrays.sort(sorted);
    double[] detected = anomalous.clone();
    Arrays.sort(detected);
    double sum = 0;
    for (double score : detected) {
      double found = detected.length - Distribution.less(detected, score);
      double falseAlarms = sorted.length - Distribution.less(sorted, score);
      sum += found / (found + falseAlarms);
    }
    return sum / detected.length;
  }
}
