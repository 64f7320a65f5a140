package dev.realnvp.scores;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * How many of N normal rows are marked as anomalies.
 *
 * @param rows the number with each most likely class, {@code [K]}
 * @param alarms the number of them above the threshold of all rows, {@code [K]}
 * @param classRows the number of them whose class has a threshold of its own, {@code [K]}
 * @param classAlarms the number of these above it, {@code [K]}
 */
public record FalseAlarms(long[] rows, long[] alarms, long[] classRows, long[] classAlarms) {

  /**
   * Counts alarms on rows that the detector was not calibrated on.
   *
   * @return empty if there are none, or too few rows set the threshold
   */
  public static Optional<FalseAlarms> of(AnomalyDetector detector, ScoredRows rows) {
    FalseAlarms counts = new FalseAlarms(detector.classThresholds().length);
    return counts.add(detector, rows) ? Optional.of(counts) : Optional.empty();
  }

  private FalseAlarms(int classes) {
    this(new long[classes], new long[classes], new long[classes], new long[classes]);
  }

  /** Whether there are rows, and enough of them set the threshold. */
  private boolean add(AnomalyDetector detector, ScoredRows judged) {
    double[] scores = detector.scores(judged);
    for (int i = 0; i < scores.length; i++) {
      int k = judged.mostLikelyClass()[i];
      rows[k]++;
      alarms[k] += detector.isAnomaly(scores[i]) ? 1 : 0;
      classRows[k] += detector.hasThreshold(k) ? 1 : 0;
      classAlarms[k] += detector.isAnomaly(scores[i], k) ? 1 : 0;
    }
    return scores.length > 0 && detector.threshold() < Double.POSITIVE_INFINITY;
  }

  /**
   * Counts alarms on the same rows that calibrate: each half with a detector that was calibrated on
   * the other half (two-fold cross-validation). The half of a row follows from its density, and for
   * rows of the same density from their number. So the order of the rows does not matter, and equal
   * rows go to both halves.
   *
   * @param classes K
   * @param falseAlarmRate the requested share
   * @return empty if one half has too few rows for a threshold
   */
  public static Optional<FalseAlarms> byHalves(
      ScoredRows rows, int classes, double falseAlarmRate) {
    boolean[] first = firstHalf(rows);
    ScoredRows one = rows.where(i -> first[i]);
    ScoredRows other = rows.where(i -> !first[i]);
    FalseAlarms counts = new FalseAlarms(classes);
    return one.size() > 0
            && other.size() > 0
            && counts.add(detector(other, classes, falseAlarmRate), one)
            && counts.add(detector(one, classes, falseAlarmRate), other)
        ? Optional.of(counts)
        : Optional.empty();
  }

  private static boolean[] firstHalf(ScoredRows rows) {
    boolean[] first = new boolean[rows.size()];
    SplittableRandom random = null;
    double before = Double.NaN;
    for (int i : rows.inOrder()) {
      double density = rows.logProb()[i];
      if (random == null || density != before) {
        random = new SplittableRandom(Double.doubleToLongBits(density));
        before = density;
      }
      first[i] = random.nextBoolean();
    }
    return first;
  }

  private static AnomalyDetector detector(ScoredRows rows, int classes, double falseAlarmRate) {
    return Calibration.of(rows, classes, "half").detector(falseAlarmRate);
  }

  /** The share of all rows above the threshold of all rows. */
  public double share() {
    return (double) IntStream.range(0, rows.length).mapToLong(k -> alarms[k]).sum()
        / IntStream.range(0, rows.length).mapToLong(k -> rows[k]).sum();
  }

  /** The largest share of a class's rows above its own threshold; empty if none has one. */
  public Optional<Double> greatestClassShare() {
    return IntStream.range(0, rows.length)
        .filter(k -> classRows[k] > 0)
        .mapToObj(k -> (double) classAlarms[k] / classRows[k])
        .max(Double::compare);
  }
}
