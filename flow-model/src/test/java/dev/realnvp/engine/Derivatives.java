package dev.realnvp.engine;

import java.util.function.Function;

/**
 * Numeric derivatives of functions that compute with floats. Each is taken with several steps, by
 * central differences of fourth order; where one step and its double differ least, rounding and
 * curvature matter least, and the kink of a ReLU lies outside.
 */
final class Derivatives {

  /** In grains, each the double of the one before. */
  private static final int[] STEPS = {4, 8, 16, 32, 64, 128, 256};

  private Derivatives() {}

  /**
   * The derivatives of some functions by one argument.
   *
   * @param f of all arguments
   * @param at the arguments, multiples of the grain, which are left as they are
   * @return of each function; NaN where all steps differ by more than {@code unsure}
   */
  static double[] of(Function<float[], double[]> f, float[] at, int argument, double unsure) {
    double[][] differences = new double[STEPS.length][];
    for (int k = 0; k < STEPS.length; k++) {
      float[] moved = at.clone();
      moved[argument] = at[argument] + STEPS[k] * StageCase.GRAIN;
      double[] plus = f.apply(moved).clone();
      moved[argument] = at[argument] - STEPS[k] * StageCase.GRAIN;
      double[] minus = f.apply(moved);
      for (int i = 0; i < plus.length; i++) {
        plus[i] = (plus[i] - minus[i]) / (2 * STEPS[k] * StageCase.GRAIN);
      }
      differences[k] = plus;
    }
    double[] derivatives = new double[differences[0].length];
    for (int i = 0; i < derivatives.length; i++) {
      derivatives[i] = best(differences, i, unsure);
    }
    return derivatives;
  }

  private static double best(double[][] differences, int i, double unsure) {
    double best = Double.NaN;
    double least = unsure;
    double last = fourthOrder(differences, 0, i);
    for (int k = 1; k + 1 < STEPS.length; k++) {
      double next = fourthOrder(differences, k, i);
      double size = Math.max(1, Math.abs(next));
      if (Math.abs(next - last) <= least * size) {
        least = Math.abs(next - last) / size;
        best = next;
      }
      last = next;
    }
    return best;
  }

  /** Richardson's extrapolation of a step and its double. */
  private static double fourthOrder(double[][] differences, int k, int i) {
    return (4 * differences[k][i] - differences[k + 1][i]) / 3;
  }
}
