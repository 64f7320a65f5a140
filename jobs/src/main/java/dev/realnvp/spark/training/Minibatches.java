package dev.realnvp.spark.training;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How a worker's rows are ordered in an epoch, and cut into minibatches. Their sizes differ by one
 * row at most: a short one would have as large a step, and as large a share in the running
 * statistics of a batch norm, as any other.
 *
 * <p>Learning-rate schedules run by steps. Workers step at the same time, so a step counts once
 * however many workers take it.
 *
 * @param rows of the worker
 * @param count of its minibatches, none of them empty
 */
record Minibatches(int rows, int count) {

  /**
   * The cut of an epoch of {@link #stepsPerEpoch} steps: a minibatch for each, or, for a worker
   * with fewer rows than that, one for each row.
   */
  static Minibatches of(int rows, int steps) {
    return new Minibatches(rows, Math.min(rows, steps));
  }

  /** The first row of a minibatch; for {@code index = count} the end of the last one. */
  int begin(int index) {
    return (int) ((long) index * rows / count);
  }

  /** Steps of an epoch: {@code max over workers of ceil(size / batch)}. */
  public static int stepsPerEpoch(int[] sizes, int batch) {
    return Arrays.stream(sizes).map(size -> steps(size, batch)).max().orElse(0);
  }

  /** Steps of a whole training: {@link #stepsPerEpoch} times the epochs. */
  public static long totalSteps(int[] sizes, int batch, int epochs) {
    return (long) epochs * stepsPerEpoch(sizes, batch);
  }

  /** {@code ceil(size / batch)}: the fewest minibatches of at most so many rows. */
  static int steps(int size, int batch) {
    return (int) (((long) size + batch - 1) / batch);
  }

  /**
   * A permutation of {@code 0 .. size - 1} (Fisher-Yates), a pure function of the arguments: a task
   * that runs again, wherever it does, walks the same rows.
   */
  static int[] order(long seed, int epoch, int partition, int size) {
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
