package dev.realnvp.jmh;

import java.util.SplittableRandom;

/** Random arrays. */
final class RandomArrays {

  private RandomArrays() {}

  /** Values from -1 to 1, the same at every call. */
  static float[] random(int length) {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
