package dev.realnvp.flow;

import dev.realnvp.flow.layer.SplineCoupling;
import java.util.Arrays;

/**
 * A rational-quadratic spline through its knots (Gregory and Delbourgo 1982), by its equations; the
 * slope is a difference, and the way back a bisection.
 *
 * @param out of the conditioner: K logits of widths, K of heights, K - 1 of inner slopes
 * @param bins K
 * @param bound B: outside of -B to B the spline is the identity
 */
record NaiveSpline(double[] out, int bins, double bound) implements NaiveFlow.Curve {

  private static final double STEP = 1e-7;

  @Override
  public double value(double x) {
    if (Math.abs(x) >= bound) {
      return x;
    }
    double[] across = knots(Arrays.copyOfRange(out, 0, bins));
    double[] up = knots(Arrays.copyOfRange(out, bins, 2 * bins));
    int k = 0;
    while (k < bins - 1 && x >= across[k + 1]) {
      k++;
    }
    double first = k == 0 ? 1 : Math.exp(3 * Math.tanh(out[2 * bins + k - 1] / 3));
    double last = k == bins - 1 ? 1 : Math.exp(3 * Math.tanh(out[2 * bins + k] / 3));
    double chord = (up[k + 1] - up[k]) / (across[k + 1] - across[k]);
    double t = (x - across[k]) / (across[k + 1] - across[k]);
    double numerator = (up[k + 1] - up[k]) * (chord * t * t + first * t * (1 - t));
    double denominator = chord + (first + last - 2 * chord) * t * (1 - t);
    return up[k] + numerator / denominator;
  }

  @Override
  public double logSlope(double x) {
    return Math.log((value(x + STEP) - value(x - STEP)) / (2 * STEP));
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
