package dev.realnvp.jobs.bench;

import java.math.BigDecimal;
import java.util.Locale;

/**
 * What a measure should show.
 *
 * @param text the bound, as the table shows it
 * @param gain whether its ratio is the other's number over ours, in place of ours over the other's
 */
record Goal(String text, boolean gain) {

  /** Bounds ours over the other's: below 1 is less. */
  static Goal ratioAtMost(double bound) {
    return new Goal(String.format(Locale.ROOT, "<= %.2f", bound), false);
  }

  /** Bounds the other's over ours. */
  static Goal gainAtLeast(double bound) {
    return new Goal(String.format(Locale.ROOT, ">= %.1f", bound), true);
  }

  /** Bounds ours alone, in its unit. */
  static Goal valueAtMost(double bound) {
    return new Goal("<= " + BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString(), false);
  }

  /** A figure to know, that has no bound. */
  static Goal none() {
    return new Goal("", false);
  }

  /** The ratio that the table shows; NaN if there is nothing to divide by. */
  double ratio(double ours, double other) {
    return gain ? other / ours : ours / other;
  }
}
