package dev.realnvp.jobs.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis of a chart.
 *
 * @param title with the unit
 * @param low its lower end
 * @param high its upper end, higher than low
 * @param step between ticks: 1, 2 or 5 times a power of ten
 */
record Scale(String title, double low, double high, double step) {

  private static final int MOST_STEPS = 6;

  /** Numbers beyond this, and steps below its inverse, are written with an exponent. */
  private static final double PLAIN = 1e5;

  /** Whose ends are the given ones. */
  static Scale between(String title, double low, double high) {
    return new Scale(title, low, high, step(low, high));
  }

  /** Whose ends are ticks around the given values. */
  static Scale around(String title, double low, double high) {
    double wide = high > low ? high : low + Math.max(Math.abs(low), 1) / 10;
    double step = step(low, wide);
    // Rounding may take a tick past the value that it is to be around.
    double first = Math.min(low, Math.floor(low / step) * step);
    double last = Math.max(wide, Math.ceil(wide / step) * step);
    return new Scale(title, first, last, step);
  }

  /** Of whole numbers, from low to high. */
  static Scale whole(String title, double low, double high) {
    double wide = Math.max(high, low + 1);
    return new Scale(title, low, wide, Math.max(step(low, wide), 1));
  }

  private static double step(double low, double high) {
    double least = (high - low) / MOST_STEPS;
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (int times : new int[] {1, 2, 5}) {
      if (times * power >= least) {
        return times * power;
      }
    }
    return 10 * power;
  }

  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    // Half a thousandth of a step is rounding.
    for (long i = (long) Math.ceil(low / step - 5e-4); i * step <= high + 5e-4 * step; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** A tick's text: no more digits than tell it from the next one. */
  String label(double tick) {
    double most = Math.max(Math.abs(low), Math.abs(high));
    if (most > PLAIN || step < 1 / PLAIN) {
      int decimals = (int) Math.max(0, Math.ceil(Math.log10(most / step) - 1e-9));
      return Numbers.exponent(tick, decimals);
    }
    int digits = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    String text = String.format(Locale.ROOT, "%,." + digits + "f", tick);
    return text.matches("-0(\\.0+)?") ? text.substring(1) : text;
  }

  /** Where a value lies: 0 at the lower end, 1 at the upper. */
  double share(double value) {
    return (value - low) / (high - low);
  }
}
