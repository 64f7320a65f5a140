package dev.realnvp.scores;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The scores of N rows.
 *
 * @param logProb log p(x), in nats, {@code [N]}
 * @param logProbZ the log-densities of what the rows' features are along their curves, {@code [N]};
 *     empty if they are not known
 * @param error what the errors are: {@link Calibration#RELATIVE_ERROR}, {@link
 *     Calibration#RECONSTRUCTION_ERROR} or {@link Calibration#DISTANCE}; null if none are known
 * @param errors of the rows, {@code [N]}; empty if they are not known
 * @param mostLikelyClass the class with the highest posterior, {@code [N]}; all 0 from a flow
 *     without classes
 */
public record ScoredRows(
    double[] logProb, double[] logProbZ, String error, double[] errors, int[] mostLikelyClass) {

  /** Without densities along curves. */
  public ScoredRows(double[] logProb, String error, double[] errors, int[] mostLikelyClass) {
    this(logProb, new double[0], error, errors, mostLikelyClass);
  }

  /** N. */
  public int size() {
    return logProb.length;
  }

  /** Whether the rows have errors. */
  public boolean reconstructed() {
    return error != null;
  }

  /** The indices of the rows in an order that depends only on their values. */
  int[] inOrder() {
    return IntStream.range(0, size())
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(i -> logProb[i])
                .thenComparingDouble(i -> reconstructed() ? errors[i] : 0)
                .thenComparingInt(i -> mostLikelyClass[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Some of the rows, by their indices. */
  public ScoredRows where(IntPredicate taken) {
    int[] rows = IntStream.range(0, size()).filter(taken).toArray();
    return new ScoredRows(
        pick(logProb, rows),
        logProbZ.length > 0 ? pick(logProbZ, rows) : logProbZ,
        error,
        reconstructed() ? pick(errors, rows) : errors,
        Arrays.stream(rows).map(i -> mostLikelyClass[i]).toArray());
  }

  private static double[] pick(double[] from, int[] rows) {
    return Arrays.stream(rows).mapToDouble(i -> from[i]).toArray();
  }
}
