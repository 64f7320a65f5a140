package dev.realnvp.spark.scores;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The scores of N rows.
 *
 * @param logProb log p(x), in nats, {@code [N]}
 * @param reconstructionError of the rows' images, nats per pixel, {@code [N]}; empty if it is not
 *     known
 * @param likeliest the class with the highest posterior, {@code [N]}; all 0 from a flow without
 *     classes
 */
public record ScoredRows(double[] logProb, double[] reconstructionError, int[] likeliest) {

  /** N. */
  public int size() {
    return logProb.length;
  }

  /** Whether the rows have reconstruction errors. */
  public boolean reconstructed() {
    return reconstructionError.length == size();
  }

  /** The indices of the rows in an order that depends only on their values. */
  int[] inOrder() {
    return IntStream.range(0, size())
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(i -> logProb[i])
                .thenComparingDouble(i -> reconstructed() ? reconstructionError[i] : 0)
                .thenComparingInt(i -> likeliest[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Some of the rows, by their indices. */
  public ScoredRows where(IntPredicate taken) {
    int[] rows = IntStream.range(0, size()).filter(taken).toArray();
    return new ScoredRows(
        pick(logProb, rows),
        reconstructed() ? pick(reconstructionError, rows) : reconstructionError,
        Arrays.stream(rows).map(i -> likeliest[i]).toArray());
  }

  private static double[] pick(double[] from, int[] rows) {
    return Arrays.stream(rows).mapToDouble(i -> from[i]).toArray();
  }
}
