package dev.realnvp.flow;

import java.util.SplittableRandom;

/**
 * Standard normal noise that is determined by a seed, a row's class and its index in the class.
 * Rows can be drawn anywhere, in any order and grouping, and in any number; the i-th row of a class
 * is always the same. With r(s) the first long of {@code new SplittableRandom(s)}, the features of
 * a row are the Gaussians of
 *
 * <pre>
 *   new SplittableRandom(r(r(r(seed) ^ class) ^ index))
 * </pre>
 */
public final class RowNoise {

  private RowNoise() {}

  /**
   * Draws u ~ N(0, I).
   *
   * @param classes of each row, {@code [N]}; null without classes, which equals class 0 for all
   * @param indices of each row in its class, {@code [N]}
   * @param features D
   * @return {@code [N, D]}, row-major
   */
  public static float[] draw(long seed, int[] classes, long[] indices, int features) {
    long mixed = mix(seed);
    float[] values = new float[Math.multiplyExact(indices.length, features)];
    int at = 0;
    for (int i = 0; i < indices.length; i++) {
      long ofClass = mix(mixed ^ (classes == null ? 0 : classes[i]));
      SplittableRandom random = new SplittableRandom(mix(ofClass ^ indices[i]));
      for (int j = 0; j < features; j++) {
        values[at++] = (float) random.nextGaussian();
      }
    }
    return values;
  }

  /** Maps one-to-one and separates neighbours, because generators of close seeds would overlap. */
  private static long mix(long value) {
    return new SplittableRandom(value).nextLong();
  }
}
