package dev.realnvp.spark.scores;

import java.util.function.DoublePredicate;

/** Places in sorted values, equal ones among them. */
final class Sorted {

  private Sorted() {}

  /** How many of the values are less than one. */
  static int less(double[] sorted, double than) {
    return first(sorted, value -> value >= than);
  }

  /** How many of the values are less than one, or equal to it. */
  static int atMost(double[] sorted, double most) {
    return first(sorted, value -> value > most);
  }

  /** The place of the first value that is beyond something, as all after it are. */
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
