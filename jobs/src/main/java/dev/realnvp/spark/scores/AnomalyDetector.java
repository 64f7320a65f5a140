package dev.realnvp.spark.scores;

import java.io.Serializable;

/**
 * Tells anomalies from normal rows at a false-alarm rate; made by {@link Calibration#detector}.
 * Small enough to travel to every task.
 */
public final class AnomalyDetector implements Serializable {

  private final AnomalyScore score;
  private final double threshold;
  private final double[] classThresholds;

  AnomalyDetector(AnomalyScore score, ClassDistributions calibrated, double falseAlarmRate) {
    this.score = score;
    threshold = calibrated.all().threshold(falseAlarmRate);
    classThresholds = calibrated.classThresholds(falseAlarmRate);
  }

  /** Whether its scores have the reconstruction error in them. */
  public boolean reconstructs() {
    return score.reconstructionError() != null;
  }

  /**
   * Which scores are those of anomalies, whatever their class: greater ones. Infinite where there
   * were too few rows to tell.
   */
  public double threshold() {
    return threshold;
  }

  /** The same among the rows of a likeliest class, {@code [K]}. */
  public double[] classThresholds() {
    return classThresholds.clone();
  }

  /** The share of the calibration's rows that are at most as likely, 0 to 1. */
  public double percentile(double logProb) {
    return score.logProb().level(logProb);
  }

  /**
   * How far log p(x) is from where it is on the average, in nats: {@code |log p(x) - mean|}, for a
   * row that is likelier than usual as for one that is less likely (Nalisnick, Matsukawa, Teh and
   * Lakshminarayanan 2019, Detecting out-of-distribution inputs to deep generative models using
   * typicality; their test for a single row).
   */
  public double typicality(double logProb) {
    return Math.abs(logProb - score.logProb().mean());
  }

  /** The scores of rows. */
  public double[] scores(ScoredRows rows) {
    return score.of(rows);
  }

  /**
   * The score of a row; see {@link AnomalyScore}.
   *
   * @param logProb log p(x), in nats
   * @param reconstructionError nats a pixel; may be null where {@link #reconstructs} is false
   */
  public double score(double logProb, Double reconstructionError) {
    return score.of(logProb, reconstructionError == null ? Double.NaN : reconstructionError);
  }

  /** Whether a score is an anomaly's, next to all rows of the calibration. NaN is. */
  public boolean isAnomaly(double anomalyScore) {
    return exceeds(anomalyScore, threshold);
  }

  /**
   * Whether a score is an anomaly's, next to the rows of the same likeliest class. NaN is, and
   * where that class had no rows nothing else.
   */
  public boolean isAnomaly(double anomalyScore, int likeliest) {
    return exceeds(anomalyScore, classThresholds[likeliest]);
  }

  /** The comparison is false for NaN: what cannot be judged is not normal. */
  private static boolean exceeds(double anomalyScore, double most) {
    return !(anomalyScore <= most);
  }
}
