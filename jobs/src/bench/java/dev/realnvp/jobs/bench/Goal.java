package dev.realnvp.jobs.bench;

import java.util.Locale;

/**
 * What a measure should show.
 *
 * @param kind which number it is about
 * @param bound for that number
 */
record Goal(Kind kind, double bound) {

  /** Which number a goal bounds, and from which side. */
  enum Kind {
    /** Ours over the other's: below 1 is less. */
    RATIO_AT_MOST,
    /** The other's over ours. */
    GAIN_AT_LEAST,
    /** Ours alone, in its unit. */
    VALUE_AT_MOST
  }

  static Goal ratioAtMost(double bound) {
    return new Goal(Kind.RATIO_AT_MOST, bound);
  }

  static Goal gainAtLeast(double bound) {
    return new Goal(Kind.GAIN_AT_LEAST, bound);
  }

  static Goal valueAtMost(double bound) {
    return new Goal(Kind.VALUE_AT_MOST, bound);
  }

  /** The ratio that the table shows; NaN where there is nothing to divide by. */
  double ratio(double ours, double other) {
    return kind == Kind.GAIN_AT_LEAST ? other / ours : ours / other;
  }

  @Override
  public String toString() {
    return switch (kind) {
      case RATIO_AT_MOST -> String.format(Locale.ROOT, "<= %.2f", bound);
      case GAIN_AT_LEAST -> String.format(Locale.ROOT, ">= %.1f", bound);
      case VALUE_AT_MOST -> String.format(Locale.ROOT, "<= %.0f", bound);
    };
  }
}
