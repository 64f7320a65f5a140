package dev.realnvp.flow.column;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.io.Serializable;
import java.util.List;

/**
 * How one feature is distributed: it takes single values with a probability each, its levels, or is
 * a number with a density, or both. Its level is, in this order, the place of its value in {@code
 * levels}; that of a missing value, NaN; or the last one, for all other values. With a curve, other
 * values are numbers with a density; without, they are values that were seldom or never seen.
 *
 * @param levels values that have a probability, increasing; they are compared as they are
 * @param missing whether a missing value has a probability
 * @param others how many values are thought to share the last level, at least 1; of no matter with
 *     a curve
 * @param curve how a number becomes a coordinate of the flow; {@link Curve#NONE} if the feature is
 *     discrete
 * @param whole whether numbers are whole: x stands for those from x to x + 1
 * @param noise the standard deviation of what is added to the coordinate in training
 * @param copied the feature, before this one, that this one is a copy of: then the only level is
 *     that of the same value; -1 if it is none
 */
public record FeatureKind(
    List<Float> levels,
    boolean missing,
    double others,
    Curve curve,
    boolean whole,
    double noise,
    int copied)
    implements Serializable {

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public FeatureKind {
    levels = List.copyOf(levels);
    for (int i = 0; i < levels.size(); i++) {
      if (!Float.isFinite(levels.get(i)) || i > 0 && !(levels.get(i) > levels.get(i - 1))) {
        throw new IllegalArgumentException(
            "levels: got %s, expected finite increasing numbers".formatted(levels));
      }
    }
    if (!(others >= 1) || Double.isInfinite(others)) {
      throw new IllegalArgumentException("others: got %s, expected at least 1".formatted(others));
    }
    if (!(noise >= 0) || Double.isInfinite(noise)) {
      throw new IllegalArgumentException("noise: got %s, expected at least 0".formatted(noise));
    }
    boolean number = curve.deviation() > 0;
    if (!number && levels.isEmpty() && !missing && copied < 0) {
      throw new IllegalArgumentException("got a feature without levels and curve");
    }
    if (copied >= 0 && (number || !levels.isEmpty() || missing)) {
      throw new IllegalArgumentException("copied: got a copy with levels or a curve of its own");
    }
  }

  /** A number with a density. */
  public static FeatureKind continuous(Curve curve, double noise) {
    return new FeatureKind(List.of(), false, 1, curve, false, noise, -1);
  }

  /** How many levels there are; 0 if all values are numbers with a density. */
  @JsonIgnore
  public int size() {
    int own = copied >= 0 ? 1 : levels.size() + (missing ? 1 : 0);
    return own == 0 ? 0 : own + 1;
  }

  /** Whether a value at the last level is a number with a density. */
  @JsonIgnore
  public boolean isContinuous() {
    return curve.deviation() > 0;
  }

  /**
   * The level of a value, from 0.
   *
   * @param original the row's value of the feature that is copied; of no matter otherwise
   */
  public int level(float value, float original) {
    if (copied >= 0) {
      return value == original || Float.isNaN(value) && Float.isNaN(original) ? 0 : 1;
    }
    if (Float.isNaN(value)) {
      return levels.size();
    }
    int low = 0;
    int high = levels.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (levels.get(middle) < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    boolean found = low < levels.size() && levels.get(low) == value;
    return found ? low : levels.size() + (missing ? 1 : 0);
  }

  /**
   * The value of a level but the last; NaN for the last one, and where the value is missing.
   *
   * @param original as of {@link #level}
   */
  public float value(int level, float original) {
    if (copied >= 0) {
      return level == 0 ? original : Float.NaN;
    }
    return level < levels.size() ? levels.get(level) : Float.NaN;
  }

  /** Whether a value is a number with a density. */
  public boolean isNumber(float value) {
    return isContinuous() && level(value, 0) >= size() - 1;
  }

  /** The coordinate of a number, z; of a whole one that of the middle between it and the next. */
  public double coordinate(float number) {
    return curve.at(inner(number));
  }

  /** {@code log dz/dx} at a number. */
  public double logSlope(float number) {
    return curve.logSlope(inner(number));
  }

  private double inner(float number) {
    return number + (whole ? 0.5 : 0);
  }

  /** The number at a coordinate; if that is a level, the next number that is none. */
  public float number(double coordinate) {
    double x = curve.inverse(coordinate);
    float number = (float) (whole ? Math.floor(x) : x);
    while (!isNumber(number) && !Float.isNaN(number)) {
      number = Math.max(Math.nextUp(number), whole ? number + 1 : number);
    }
    return number;
  }
}
