package dev.realnvp.scores;

import java.io.Serializable;
import java.util.stream.IntStream;

/**
 * Distinguishes anomalies from normal rows at a false-alarm rate; created by {@link
 * Calibration#detector}. Small enough to be sent with every task.
 *
 * @param score of a row
 * @param threshold for rows of any class: greater scores are anomalies; infinite if there were too
 *     few rows
 * @param classThresholds the thresholds among the rows of each most likely class, {@code [K]}
 */
public record AnomalyDetector(Score score, double threshold, double[] classThresholds)
    implements Serializable {

  AnomalyDetector(Score score, Calibration.ClassDistributions calibrated, double falseAlarmRate) {
    this(
        score,
        calibrated.all().threshold(falseAlarmRate),
        calibrated.classThresholds(falseAlarmRate));
  }

  /** Whether its scores include what a row lost of its image, or its distance. */
  public boolean reconstructs() {
    return score.error() != null;
  }

  /**
   * Whether they are of the density of what features are along their curves, rather than of log
   * p(x).
   */
  public boolean alongCurves() {
    return score.logProbZ() != null;
  }

  /** The column of that; null if {@link #reconstructs} is false. */
  public String errorColumn() {
    return score.errorColumn();
  }

  /** Whether there were rows enough of a class for its own threshold. */
  public boolean hasThreshold(int mostLikelyClass) {
    return classThresholds[mostLikelyClass] < Double.POSITIVE_INFINITY;
  }

  /** The share of the calibration's rows that are at most as likely, 0 to 1. */
  public double percentile(double logProb) {
    return score.logProb().level(logProb);
  }

  /**
   * The distance of log p(x) from its mean, in nats: {@code |log p(x) - mean|}, for rows that are
   * more likely than usual as well as for less likely rows; greater is stranger (Nalisnick,
   * Matsukawa, Teh and Lakshminarayanan 2019, Detecting out-of-distribution inputs to deep
   * generative models using typicality; their test for a single row).
   */
  public double typicality(double logProb) {
    return Math.abs(logProb - score.logProb().mean());
  }

  /** The scores of rows. */
  public double[] scores(ScoredRows rows) {
    return score.of(rows);
  }

  /**
   * The score of a row; see {@link Score}.
   *
   * @param density log p(x), in nats; that along the curves if {@link #alongCurves}
   * @param error what the row has in {@link #errorColumn}; may be null if {@link #reconstructs} is
   *     false
   */
  public double score(double density, Double error) {
    return score.of(density, error == null ? Double.NaN : error);
  }

  /** Whether a score is an anomaly among all rows of the calibration. NaN is. */
  public boolean isAnomaly(double anomalyScore) {
    return exceeds(anomalyScore, threshold);
  }

  /**
   * Whether a score is an anomaly among the rows of the same most likely class. NaN is; if that
   * class had no rows, nothing else is.
   */
  public boolean isAnomaly(double anomalyScore, int mostLikelyClass) {
    return exceeds(anomalyScore, classThresholds[mostLikelyClass]);
  }

  /** The comparison is false for NaN, so a row without a score is not normal. */
  private static boolean exceeds(double anomalyScore, double most) {
    return !(anomalyScore <= most);
  }

  /**
   * How strange rows are compared with the rows of the distributions: the length of two deviations,
   *
   * <pre>
   * a = sqrt(d^2 + e^2)
   * d = s((q50 - log p(x)) / (q50 - q16))        of the log-densities, with r of those along curves
   * e = s((r - q50) / (q84 - q50))               of what images lost, or of the distance, r
   * s(u) = log(1 + exp(4 u)) / 4
   * </pre>
   *
   * <p>where q50 is the median, and q16 and q84 are the quantiles one standard deviation away from
   * it in a normal distribution. If these tie with the median, quantiles further out are used
   * ({@link Distribution}), so that the score of a finite row is finite. A greater score is
   * stranger. s is nearly max(0, u): a row that is more likely, or better reconstructed, than usual
   * gets no credit for that, so neither deviation hides the other one. But s still rises there, so
   * that hardly any two densities tie.
   *
   * @param logProb of the rows, log p(x) in nats
   * @param logProbZ of their log-densities along the features' curves, which d is of; null if it is
   *     of log p(x)
   * @param errorColumn what the errors are; null to leave e out
   * @param error of the rows; null to leave e out
   */
  record Score(Distribution logProb, Distribution logProbZ, String errorColumn, Distribution error)
      implements Serializable {

    private static final double SHARPNESS = 4;

    /**
     * The score of a row.
     *
     * @param density its log p(x), in nats, or that along the curves
     * @param lost what it lost of its image, or its distance; ignored if e is left out
     */
    double of(double density, double lost) {
      double strangeness = part((logProbZ == null ? logProb : logProbZ).deviationsBelow(density));
      return error == null
          ? strangeness
          : Math.hypot(strangeness, part(error.deviationsAbove(lost)));
    }

    /** s(u), by the form that neither overflows nor loses digits. */
    private double part(double deviations) {
      return Math.max(0, deviations)
          + Math.log1p(Math.exp(-SHARPNESS * Math.abs(deviations))) / SHARPNESS;
    }

    /** The scores of rows. */
    double[] of(ScoredRows rows) {
      double[] densities = logProbZ == null ? rows.logProb() : rows.logProbZ();
      return IntStream.range(0, rows.size())
          .mapToDouble(i -> of(densities[i], rows.reconstructed() ? rows.errors()[i] : Double.NaN))
          .toArray();
    }
  }
}
