package dev.realnvp.flow.column;

import java.util.List;

/**
 * A strictly increasing map of numbers, which brings a feature near to a standard normal
 * distribution before the flow:
 *
 * <pre>
 * u = (x - location) / scale,  or  u = arsinh((x - location) / scale)  if it is soft
 * z = spline(u)
 * </pre>
 *
 * <p>The inverse hyperbolic sine is linear near the location and logarithmic far from it. The
 * spline is rational-quadratic (Gregory and Delbourgo 1982, Piecewise rational quadratic
 * interpolation to monotonic data): between the knots U and V with the values Y and Z and the
 * slopes d and e, as in {@link dev.realnvp.flow.layer.SplineCoupling}; beyond the first and the
 * last knot it is the tangent there.
 *
 * @param location in the unit of x
 * @param scale in the unit of x, above 0
 * @param soft whether it is logarithmic far from the location
 * @param knots of u, increasing; none if there is no curve at all
 * @param values z at the knots, increasing
 * @param slopes dz/du at the knots, above 0
 */
public record Curve(
    double location,
    double scale,
    boolean soft,
    List<Double> knots,
    List<Double> values,
    List<Double> slopes) {

  /** No curve. */
  public static final Curve NONE = new Curve(0, 1, false, List.of(), List.of(), List.of());

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public Curve {
    knots = List.copyOf(knots);
    values = List.copyOf(values);
    slopes = List.copyOf(slopes);
    if (!Double.isFinite(location) || !(scale > 0) || Double.isInfinite(scale)) {
      throw new IllegalArgumentException(
          "curve: got location %s and scale %s, expected finite ones, and the scale above 0"
              .formatted(location, scale));
    }
    boolean valid = rises(knots) && rises(values);
    valid &= values.size() == knots.size() && slopes.size() == knots.size();
    valid &= slopes.stream().allMatch(slope -> slope > 0 && !slope.isInfinite());
    if (!valid) {
      throw new IllegalArgumentException(
          "curve: got knots %s, values %s, slopes %s; expected as many of each, increasing ones, and slopes above 0"
              .formatted(knots, values, slopes));
    }
  }

  private static boolean rises(List<Double> numbers) {
    for (int i = 0; i < numbers.size(); i++) {
      if (!Double.isFinite(numbers.get(i)) || i > 0 && !(numbers.get(i) > numbers.get(i - 1))) {
        return false;
      }
    }
    return true;
  }

  /** The map {@code (x - mean) / deviation}. */
  public static Curve linear(double mean, double deviation) {
    return new Curve(mean, deviation, false, List.of(0.0), List.of(0.0), List.of(1.0));
  }

  /** z. */
  public double at(double x) {
    double u = inner(x);
    int k = place(knots, u);
    if (k < 0 || k == knots.size() - 1) {
      int end = Math.max(k, 0);
      return values.get(end) + slopes.get(end) * (u - knots.get(end));
    }
    double s = steepness(k);
    double d = slopes.get(k);
    double r = (u - knots.get(k)) / (knots.get(k + 1) - knots.get(k));
    double q = r * (1 - r);
    return values.get(k)
        + (values.get(k + 1) - values.get(k))
            * (s * r * r + d * q)
            / (s + (d + slopes.get(k + 1) - 2 * s) * q);
  }

  /** {@code log dz/dx}. */
  public double logSlope(double x) {
    double u = inner(x);
    int k = place(knots, u);
    double ofSpline;
    if (k < 0 || k == knots.size() - 1) {
      ofSpline = slopes.get(Math.max(k, 0));
    } else {
      double s = steepness(k);
      double d = slopes.get(k);
      double e = slopes.get(k + 1);
      double r = (u - knots.get(k)) / (knots.get(k + 1) - knots.get(k));
      double q = r * (1 - r);
      double below = s + (d + e - 2 * s) * q;
      ofSpline = s * s * (e * r * r + 2 * s * q + d * (1 - r) * (1 - r)) / (below * below);
    }
    double v = (x - location) / scale;
    return Math.log(ofSpline) - Math.log(scale) - (soft ? Math.log(Math.hypot(1, v)) : 0);
  }

  /** The x of a z. */
  public double inverse(double z) {
    int k = place(values, z);
    double u;
    if (k < 0 || k == knots.size() - 1) {
      int end = Math.max(k, 0);
      u = knots.get(end) + (z - values.get(end)) / slopes.get(end);
    } else {
      double s = steepness(k);
      double height = values.get(k + 1) - values.get(k);
      double rise = z - values.get(k);
      double bend = slopes.get(k) + slopes.get(k + 1) - 2 * s;
      double a = height * (s - slopes.get(k)) + rise * bend;
      double b = height * slopes.get(k) - rise * bend;
      double c = -s * rise;
      double r = 2 * c / (-b - Math.sqrt(Math.max(0, b * b - 4 * a * c)));
      u = knots.get(k) + r * (knots.get(k + 1) - knots.get(k));
    }
    return location + scale * (soft ? Math.sinh(u) : u);
  }

  private double inner(double x) {
    double v = (x - location) / scale;
    // The logarithm of v + sqrt(1 + v^2), without cancellation where v is negative or small.
    double size = Math.abs(v);
    return soft ? Math.copySign(Math.log1p(size + size * size / (1 + Math.hypot(1, size))), v) : v;
  }

  private double steepness(int k) {
    return (values.get(k + 1) - values.get(k)) / (knots.get(k + 1) - knots.get(k));
  }

  /** The last of some increasing numbers that is at most a value; -1 if none is. */
  private static int place(List<Double> numbers, double value) {
    int low = 0;
    int high = numbers.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (numbers.get(middle) <= value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }
}
