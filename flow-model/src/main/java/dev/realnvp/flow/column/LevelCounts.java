package dev.realnvp.flow.column;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often rows have each value of a feature, as long as these are few. The same for any order and
 * partition of the rows.
 */
public final class LevelCounts implements Serializable {

  /** More different values are no levels. */
  static final int MOST = 1024;

  /** By value; null if there are more than {@link #MOST} in all. */
  private Map<Float, Long> counts = new HashMap<>();

  private long missing;
  private long rows;
  private boolean whole = true;
  private long print;

  /**
   * Adds a row's value; NaN if it is missing.
   *
   * @param row a number that stands for all values of the row, {@link #row}
   */
  public void add(float value, long row) {
    add(value);
    print += mixed(row + Float.floatToIntBits(value + 0f));
  }

  /** A number that stands for all values of a row. */
  public static long row(float[] values) {
    long row = 0;
    for (float value : values) {
      row = mixed(row + Float.floatToIntBits(value + 0f));
    }
    return row;
  }

  /** The finalizer of SplitMix64 (Steele et al. 2014, Fast splittable pseudorandom generators). */
  private static long mixed(long bits) {
    long x = bits + 0x9E3779B97F4A7C15L;
    x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }

  /** Whether another feature has the same value in each row, and these are not all the same. */
  public boolean isCopyOf(LevelCounts other) {
    boolean constant = missing == rows || missing == 0 && few(1);
    return print == other.print && !constant;
  }

  /** Adds a row's value; NaN if it is missing. */
  public void add(float value) {
    rows++;
    if (Float.isNaN(value)) {
      missing++;
      return;
    }
    whole &= value == Math.rint(value);
    count(value + 0f, 1);
  }

  private void count(float value, long count) {
    if (counts != null) {
      counts.merge(value, count, Long::sum);
      counts = counts.size() > MOST ? null : counts;
    }
  }

  /** Adds the rows of another. */
  public void add(LevelCounts other) {
    rows += other.rows;
    missing += other.missing;
    whole &= other.whole;
    print += other.print;
    if (other.counts == null) {
      counts = null;
    } else {
      other.counts.forEach(this::count);
    }
  }

  /** How many rows there are. */
  long rows() {
    return rows;
  }

  /** In how many of them the value is missing. */
  long missing() {
    return missing;
  }

  /** Whether all values are whole numbers. */
  boolean whole() {
    return whole;
  }

  /** Whether there are at most so many different values. */
  boolean few(int most) {
    return counts != null && counts.size() <= most;
  }

  /** The rows of each value, in the order of the values; empty if they are not {@link #few}. */
  TreeMap<Float, Long> counts() {
    return counts == null ? new TreeMap<>() : new TreeMap<>(counts);
  }
}
