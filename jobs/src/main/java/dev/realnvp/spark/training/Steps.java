package dev.realnvp.spark.training;

import java.util.Arrays;

/**
 * Counts optimizer steps, which learning-rate schedules run by. Workers step at the same time, so a
 * step counts once however many workers take it.
 */
public final class Steps {

  private Steps() {}

  /** Steps of an epoch: {@code max over workers of ceil(size / batch)}. */
  public static int perEpoch(int[] sizes, int batch) {
    return Arrays.stream(sizes).map(size -> of(size, batch)).max().orElse(0);
  }

  /** Steps of a whole training: {@link #perEpoch} times the epochs. */
  public static long total(int[] sizes, int batch, int epochs) {
    return (long) epochs * perEpoch(sizes, batch);
  }

  /** {@code ceil(size / batch)}: the fewest minibatches of at most so many rows. */
  static int of(int size, int batch) {
    return (int) (((long) size + batch - 1) / batch);
  }
}
