package dev.realnvp.jobs.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** How figures are written for people. */
public final class Numbers {

  private static final MathContext DIGITS = new MathContext(5);
  private static final MathContext ERROR_DIGITS = new MathContext(2);

  /** Below the one, and from the other on, a figure has an exponent. */
  private static final double SMALL = 1e-3;

  private static final double LARGE = 1e7;

  private Numbers() {}

  /** A finite figure with five digits: 34.902; a very small or large one as 8.6e-6. */
  public static String text(double value) {
    double size = Math.abs(value);
    if (size > 0 && size < SMALL || size >= LARGE) {
      return exponent(value, 1);
    }
    return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString();
  }

  /** A figure with an exponent, and so many decimals: 8.6e-6. */
  static String exponent(double value, int decimals) {
    String[] parts = String.format(Locale.ROOT, "%." + decimals + "e", value).split("e");
    String digits = parts[0].contains(".") ? parts[0].replaceAll("\\.?0+$", "") : parts[0];
    int power = Integer.parseInt(parts[1]);
    return power == 0 ? digits : digits + "e" + power;
  }

  /** A figure with the decimals that its standard error leaves it: 0.951 ± 0.011. */
  public static String withError(double value, double error) {
    if (!(error > 0 && error < Double.POSITIVE_INFINITY)) {
      return text(value);
    }
    BigDecimal rounded = new BigDecimal(error).round(ERROR_DIGITS);
    return new BigDecimal(value).setScale(rounded.scale(), RoundingMode.HALF_EVEN).toPlainString()
        + " \u00b1 "
        + rounded.toPlainString();
  }

  /** A whole number: 1,234. */
  public static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** A share, as percents of three digits at most: 98.2 %, 0.013 %. */
  public static String percent(double share) {
    return text(new BigDecimal(100 * share).round(new MathContext(3)).doubleValue()) + " %";
  }
}
