package dev.realnvp.spark.scores;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * How many of N normal rows are taken for anomalies.
 *
 * @param rows of each likeliest class, {@code [K]}
 * @param alarms those of them that are above the threshold of all rows, {@code [K]}
 * @param classAlarms those that are above the threshold of their class, {@code [K]}
 */
public record FalseAlarms(long[] rows, long[] alarms, long[] classAlarms) {

  /** Counts them on rows that the detector was not calibrated on. */
  public static FalseAlarms of(AnomalyDetector detector, ScoredRows rows) {
    int classes = detector.classThresholds().length;
    FalseAlarms counts = new FalseAlarms(new long[classes], new long[classes], new long[classes]);
    double[] scores = detector.scores(rows);
    for (int i = 0; i < scores.length; i++) {
      int k = rows.likeliest()[i];
      counts.rows[k]++;
      counts.alarms[k] += detector.isAnomaly(scores[i]) ? 1 : 0;
      counts.classAlarms[k] += detector.isAnomaly(scores[i], k) ? 1 : 0;
    }
    return counts;
  }

  /**
   * Counts them on rows that there is nothing but to calibrate on: each half by a detector that was
   * calibrated on the other one (two-fold cross-validation). Which rows are in which half follows
   * from their densities, and for rows of the same density from how many there are, so the order of
   * the rows is of no matter, and equal rows go to both halves.
   *
   * @param classes K
   * @param falseAlarmRate the share that is asked for
   * @return empty where one half has no rows
   */
  public static Optional<FalseAlarms> byHalves(
      ScoredRows rows, int classes, double falseAlarmRate) {
    boolean[] first = firstHalf(rows);
    ScoredRows one = rows.where(i -> first[i]);
    ScoredRows other = rows.where(i -> !first[i]);
    return one.size() == 0 || other.size() == 0
        ? Optional.empty()
        : Optional.of(
            of(detector(other, classes, falseAlarmRate), one)
                .and(of(detector(one, classes, falseAlarmRate), other)));
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

  private FalseAlarms and(FalseAlarms other) {
    return new FalseAlarms(
        sums(rows, other.rows), sums(alarms, other.alarms), sums(classAlarms, other.classAlarms));
  }

  private static long[] sums(long[] one, long[] other) {
    return IntStream.range(0, one.length).mapToLong(k -> one[k] + other[k]).toArray();
  }

  /** The share of all rows that are above the threshold of all. */
  public double share() {
    return (double) IntStream.range(0, rows.length).mapToLong(k -> alarms[k]).sum()
        / IntStream.range(0, rows.length).mapToLong(k -> rows[k]).sum();
  }

  /** The greatest share, over the classes that have rows, that are above their class's. */
  public double greatestClassShare() {
    return IntStream.range(0, rows.length)
        .filter(k -> rows[k] > 0)
        .mapToDouble(k -> (double) classAlarms[k] / rows[k])
        .max()
        .orElse(Double.NaN);
  }
}
