package dev.realnvp.spark.scores;

import java.util.function.DoublePredicate;

/** Searches in sorted values, which may be equal. */
final class Sorted {

  private Sorted() {}

  /** The number of values less than a given one. */
  static int less(double[] sorted, double than) {
    return first(sorted, value -> value >= than);
  }

  /** The number of values less than or equal to a given one. */
  static int atMost(double[] sorted, double most) {
    return first(sorted, value -> value > most);
  }

  /** The index of the first value beyond a limit; all values after it are beyond it too. */
  private static int first(double[] sorted, DoublePredicate beyond) {
    int from = 0;
    for (int to = sorted.length; from < to; ) {
      int middle = (from + to) >>> 1;
      if (beyond.test(sorted[middle])) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }
}
