package dev.realnvp.flow;

import java.util.SplittableRandom;

/**
 * Standard normal noise that a row's id and a seed determine: the rows may be drawn anywhere, in
 * any order and grouping, and are the same.
 */
public final class RowNoise {

  /**
   * Odd, with its bits well mixed: the golden ratio's fraction, as SplittableRandom itself uses.
   */
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private RowNoise() {}

  /**
   * Draws u ~ N(0, I).
   *
   * @param ids {@code [N]}
   * @param features D
   * @return {@code [N, D]}, row-major
   */
  public static float[] draw(long seed, long[] ids, int features) {
    // Two generators in a row: neighbouring ids of one seed, and equal sums of both, part ways.
    long mixed = new SplittableRandom(seed).nextLong();
    float[] values = new float[Math.multiplyExact(ids.length, features)];
    int at = 0;
    for (long id : ids) {
      SplittableRandom random =
          new SplittableRandom(mixed ^ new SplittableRandom(id * GOLDEN).nextLong());
      for (int j = 0; j < features; j++) {
        values[at++] = (float) random.nextGaussian();
      }
    }
    return values;
  }
}
