package dev.realnvp.flow;

import dev.realnvp.flow.column.Curve;
import dev.realnvp.flow.layer.SplineCoupling;
import java.util.Arrays;

/**
 * A rational-quadratic spline through its knots (Gregory and Delbourgo 1982), by its equations; the
 * slope is by the rule of quotients, and the way back a bisection.
 *
 * @param out of the conditioner: K logits of widths, K of heights, K - 1 of inner slopes
 * @param bins K
 * @param bound B: outside of -B to B the spline is the identity
 */
record NaiveSpline(double[] out, int bins, double bound) implements NaiveFlow.Curve {

  /** What is between two knots. */
  private record Piece(
      double left, double right, double low, double high, double first, double last) {

    /** The value, and the slope. */
    double[] at(double x) {
      double chord = (high - low) / (right - left);
      double t = (x - left) / (right - left);
      double above = (high - low) * (chord * t * t + first * t * (1 - t));
      double below = chord + (first + last - 2 * chord) * t * (1 - t);
      double aboveSlope = (high - low) * (2 * chord * t + first * (1 - 2 * t));
      double belowSlope = (first + last - 2 * chord) * (1 - 2 * t);
      double slope = (aboveSlope * below - above * belowSlope) / (below * below);
      return new double[] {low + above / below, slope / (right - left)};
    }
  }

  /** The value, and the slope, of the curve of a feature. */
  static double[] along(Curve curve, double x) {
    double v = (x - curve.location()) / curve.scale();
    double root = Math.sqrt(1 + v * v);
    double u = curve.soft() ? Math.signum(v) * Math.log(Math.abs(v) + root) : v;
    double slope = 1 / curve.scale() / (curve.soft() ? root : 1);
    int last = curve.knots().size() - 1;
    int k = 0;
    while (k < last && u >= curve.knots().get(k + 1)) {
      k++;
    }
    double left = curve.knots().get(k);
    double low = curve.values().get(k);
    double first = curve.slopes().get(k);
    double[] end =
        u < left || k == last
            ? new double[] {low + first * (u - left), first}
            : new Piece(
                    left,
                    curve.knots().get(k + 1),
                    low,
                    curve.values().get(k + 1),
                    first,
                    curve.slopes().get(k + 1))
                .at(u);
    return new double[] {end[0], end[1] * slope};
  }

  private double[] at(double x) {
    if (Math.abs(x) >= bound) {
      return new double[] {x, 1};
    }
    double[] across = knots(Arrays.copyOfRange(out, 0, bins));
    double[] up = knots(Arrays.copyOfRange(out, bins, 2 * bins));
    int k = 0;
    while (k < bins - 1 && x >= across[k + 1]) {
      k++;
    }
    double first = k == 0 ? 1 : Math.exp(3 * Math.tanh(out[2 * bins + k - 1] / 3));
    double last = k == bins - 1 ? 1 : Math.exp(3 * Math.tanh(out[2 * bins + k] / 3));
    return new Piece(across[k], across[k + 1], up[k], up[k + 1], first, last).at(x);
  }

  @Override
  public double value(double x) {
    return at(x)[0];
  }

  @Override
  public double logSlope(double x) {
    return Math.log(at(x)[1]);
  }

  @Override
  public double inverse(double z) {
    if (Math.abs(z) >= bound) {
      return z;
    }
    double low = -bound;
    double high = bound;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (value(middle) < z) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }

  private double[] knots(double[] logits) {
    double sum = Arrays.stream(logits).map(Math::exp).sum();
    double[] knots = new double[bins + 1];
    knots[0] = -bound;
    double least = SplineCoupling.LEAST;
    for (int k = 0; k < bins; k++) {
      double share = least + (1 - least * bins) * Math.exp(logits[k]) / sum;
      knots[k + 1] = knots[k] + 2 * bound * share;
    }
    return knots;
  }
}
