package dev.realnvp.spark.training;

import java.util.SplittableRandom;

/** The order in which a worker walks its rows in an epoch. */
final class EpochOrder {

  private EpochOrder() {}

  /**
   * A permutation of {@code 0 .. size - 1} (Fisher-Yates), a pure function of the arguments: a task
   * that runs again, wherever it does, walks the same rows.
   */
  static int[] of(long seed, int epoch, int partition, int size) {
    SplittableRandom random = new SplittableRandom(mix(seed, epoch, partition));
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** Hashes one after the other, so that neighbouring times and partitions share no sequence. */
  static long mix(long seed, int time, int partition) {
    long timeSeed = new SplittableRandom(seed).nextLong() ^ time;
    return new SplittableRandom(timeSeed).nextLong() ^ partition;
  }
}
