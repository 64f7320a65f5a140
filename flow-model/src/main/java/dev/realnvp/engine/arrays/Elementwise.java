package dev.realnvp.engine.arrays;

import java.util.Arrays;

/**
 * Functions of every element in a range of indices, in single precision. The loops have no
 * branches, and no calls but those that the JVM can vectorize.
 */
public final class Elementwise {

  /** Above this, tanh is 1 in single precision. */
  private static final float TANH_LIMIT = 9.1f;

  /**
   * Scales the positive outputs of ReLU, at least 1e-38, to 1 or more, so that the minimum with 1
   * is 1.
   */
  private static final float HUGE = 1e38f;

  private static final float LOG2_E = 1.442695f;

  /**
   * The larger part of log(2), of so few digits that its products with small integers are exact.
   */
  private static final float LN2_HIGH = 0.693359375f;

  private static final float LN2_LOW = -2.12194440e-4f;

  /** 1.5 times 2^23: floats near it are whole numbers. */
  private static final float ROUNDING = 12_582_912f;

  /** A weight that is nearer to 0 than this does not change what its network computes. */
  private static final float NOTHING = 0x1p-80f;

  private Elementwise() {}

  /**
   * {@code x = 0} for {@code |x| <= 2^-80}, so that nothing that decays becomes subnormal (below
   * 2^-126), where products take Intel's processors a hundred times as long. Values above 2^-56
   * keep their bits; those between get nearer to 0 by 2^-80.
   */
  public static void flush(float[] x, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] -= Math.max(-NOTHING, Math.min(NOTHING, x[i]));
    }
  }

  /** {@code x = max(x, 0)}. */
  public static void relu(float[] x, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] = Math.max(x[i], 0f);
    }
  }

  /** {@code x = max(x + shift, 0)}. */
  public static void shiftedRelu(float[] x, float shift, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] = Math.max(x[i] + shift, 0f);
    }
  }

  /** {@code x = x + shift}. */
  public static void shift(float[] x, float shift, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] += shift;
    }
  }

  /**
   * {@code dx = y > 0 ? dx : 0}, with y the result of {@link #relu}; a positive y is at least
   * 1e-38.
   */
  public static void reluGradient(float[] y, float[] dx, int from, int to) {
    for (int i = from; i < to; i++) {
      dx[i] *= Math.min(1f, y[i] * HUGE);
    }
  }

  /**
   * {@code y = tanh(scale x)}, to 4e-7: an odd rational function of degree 9 over 8, fitted by
   * weighted least squares to minimize the largest relative error, 2.3e-8 before rounding.
   */
  public static void tanh(float[] x, float scale, float[] y, int from, int to) {
    for (int i = from; i < to; i++) {
      float v = Math.max(-TANH_LIMIT, Math.min(TANH_LIMIT, scale * x[i]));
      float q = v * v;
      float numerator =
          1f
              + q
                  * (0.1337447613477707f
                      + q
                          * (0.003487811889499426f
                              + q * (2.048119858955033e-05f + q * 1.31775399481171e-08f)));
      float denominator =
          1f
              + q
                  * (0.4670778810977936f
                      + q
                          * (0.02584739215672016f
                              + q * (0.0003272921312600374f + q * 7.704053359702812e-07f)));
      y[i] = Math.max(-1f, Math.min(1f, v * numerator / denominator));
    }
  }

  /** {@code y = 1 / (1 + exp(-x))}, which is {@code (1 + tanh(x / 2)) / 2}, to 2e-7. */
  public static void sigmoid(float[] x, float[] y, int from, int to) {
    tanh(x, 0.5f, y, from, to);
    for (int i = from; i < to; i++) {
      y[i] = 0.5f + 0.5f * y[i];
    }
  }

  /**
   * {@code y = exp(scale x)} for {@code |scale x| <= 1}, to a relative 4e-7: Taylor's series up to
   * the tenth power.
   */
  public static void expOfUnit(float[] x, float scale, float[] y, int from, int to) {
    for (int i = from; i < to; i++) {
      float v = scale * x[i];
      float high = 1 / 5040f + v * (1 / 40320f + v * (1 / 362880f + v * (1 / 3628800f)));
      float middle = 1 / 24f + v * (1 / 120f + v * (1 / 720f + v * high));
      y[i] = 1f + v * (1f + v * (1 / 2f + v * (1 / 6f + v * middle)));
    }
  }

  /**
   * {@code x_k = exp(x_k) / sum_k exp(x_k)} of each element of K arrays. The JVM vectorizes loops
   * over several arrays only if these have the same indices.
   *
   * @param x {@code [K][at least count]}
   */
  public static void softmax(float[][] x, int count) {
    float[] most = Arrays.copyOf(x[0], count);
    for (float[] values : x) {
      for (int i = 0; i < count; i++) {
        most[i] = Math.max(most[i], values[i]);
      }
    }
    float[] sum = new float[count];
    float[] powers = new float[count];
    for (float[] values : x) {
      for (int i = 0; i < count; i++) {
        values[i] -= most[i];
      }
      expOfNegative(values, powers, count);
      for (int i = 0; i < count; i++) {
        sum[i] += values[i];
      }
    }
    for (float[] values : x) {
      for (int i = 0; i < count; i++) {
        values[i] /= sum[i];
      }
    }
  }

  /**
   * {@code x = exp(x)} for {@code x <= 0}, to a relative 2e-7: {@code 2^n exp(r)} with a whole n
   * and {@code |r| <= log(2) / 2}, and Taylor's series of the latter up to the seventh power. Below
   * -80 it stays at {@code exp(-80)}. The powers of 2 have a loop of their own, because the JVM
   * does not vectorize one that reads the bits of floats.
   *
   * @param powers {@code [at least count]}, overwritten
   */
  static void expOfNegative(float[] x, float[] powers, int count) {
    for (int i = 0; i < count; i++) {
      float v = Math.max(-80f, x[i]);
      // Rounds to a whole number, whose bits are then the lowest of the sum.
      float sum = v * LOG2_E + ROUNDING;
      float n = sum - ROUNDING;
      float r = v - n * LN2_HIGH - n * LN2_LOW;
      float high = 1 / 24f + r * (1 / 120f + r * (1 / 720f + r * (1 / 5040f)));
      powers[i] = sum;
      x[i] = 1f + r * (1f + r * (1 / 2f + r * (1 / 6f + r * high)));
    }
    for (int i = 0; i < count; i++) {
      x[i] *= Float.intBitsToFloat((Float.floatToRawIntBits(powers[i]) << 23) + 0x3f800000);
    }
  }
}
