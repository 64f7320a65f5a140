package dev.realnvp.flow.column;

import java.io.Serializable;

/**
 * A strictly increasing map of numbers, which brings a feature near to a standard normal
 * distribution before the flow:
 *
 * <pre>
 * u = (x - location) / scale,  or  u = arsinh((x - location) / scale)  if it is soft
 * z = (u - mean) / deviation
 * </pre>
 *
 * <p>The inverse hyperbolic sine is linear near the location and logarithmic far from it.
 *
 * @param location in the unit of x
 * @param scale in the unit of x, above 0
 * @param soft whether it is logarithmic far from the location
 * @param mean of u
 * @param deviation of u; 0 if there is no curve at all
 */
public record Curve(double location, double scale, boolean soft, double mean, double deviation)
    implements Serializable {

  /** No curve. */
  public static final Curve NONE = new Curve(0, 1, false, 0, 0);

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public Curve {
    boolean finite = Double.isFinite(location) && Double.isFinite(mean);
    boolean positive = scale > 0 && deviation >= 0;
    if (!finite || !positive || Double.isInfinite(scale) || Double.isInfinite(deviation)) {
      throw new IllegalArgumentException(
          "curve: got location %s, scale %s, mean %s and deviation %s; expected finite ones, the scale above 0, the deviation at least 0"
              .formatted(location, scale, mean, deviation));
    }
  }

  /** The map {@code (x - mean) / deviation}. */
  public static Curve linear(double mean, double deviation) {
    return new Curve(mean, deviation, false, 0, 1);
  }

  /** z. */
  public double at(double x) {
    return (inner(x) - mean) / deviation;
  }

  /** {@code log dz/dx}. */
  public double logSlope(double x) {
    double line = -Math.log(scale) - Math.log(deviation);
    return soft ? line - Math.log(Math.hypot(1, (x - location) / scale)) : line;
  }

  /** The derivative of {@link #logSlope}. */
  public double bend(double x) {
    double v = (x - location) / scale;
    return soft ? -v / (1 + v * v) / scale : 0;
  }

  /** The x of a z. */
  public double inverse(double z) {
    double u = mean + z * deviation;
    return location + scale * (soft ? Math.sinh(u) : u);
  }

  private double inner(double x) {
    double v = (x - location) / scale;
    // The logarithm of v + sqrt(1 + v^2), without cancellation where v is negative or small.
    double size = Math.abs(v);
    return soft ? Math.copySign(Math.log1p(size + size * size / (1 + Math.hypot(1, size))), v) : v;
  }
}
