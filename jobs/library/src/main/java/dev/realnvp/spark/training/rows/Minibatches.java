package dev.realnvp.spark.training.rows;

import dev.realnvp.spark.failure.TrainingException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How a worker's rows are cut into the minibatches of an epoch. Their sizes differ by one row at
 * most: a short one would have as large a step, and as large a share in the running statistics of a
 * batch norm, as any other.
 *
 * <p>Learning-rate schedules run by steps. Workers step at the same time, so a step counts once
 * however many workers take it.
 *
 * @param rows of the worker
 * @param count of its minibatches, none of them empty
 */
public record Minibatches(long rows, int count) {

  /**
   * The cut of an epoch of {@link #stepsPerEpoch} steps: a minibatch for each, or, for a worker
   * with fewer rows than that, one for each row.
   */
  public static Minibatches of(long rows, int steps) {
    return new Minibatches(rows, (int) Math.min(rows, steps));
  }

  /** The first row of a minibatch; for {@code index = count} the end of the last one. */
  public long begin(int index) {
    // The plain product of index and rows may exceed a long.
    return index * (rows / count) + index * (rows % count) / count;
  }

  /** Steps of an epoch: {@code max over workers of ceil(size / batch)}. */
  public static int stepsPerEpoch(long[] sizes, int batch) {
    return Arrays.stream(sizes).mapToInt(size -> steps(size, batch)).max().orElse(0);
  }

  /** Steps of a whole training: {@link #stepsPerEpoch} times the epochs. */
  public static long totalSteps(long[] sizes, int batch, int epochs) {
    return (long) epochs * stepsPerEpoch(sizes, batch);
  }

  /**
   * {@code ceil(size / batch)}: the fewest minibatches of at most so many rows.
   *
   * @throws TrainingException if they cannot be counted by an int, as DL4J counts steps
   */
  public static int steps(long size, int batch) {
    long steps = size / batch + (size % batch == 0 ? 0 : 1);
    if (steps > Integer.MAX_VALUE) {
      throw new TrainingException(
          "%d rows of a worker in minibatches of %d are %d steps per epoch, expected at most %d: use larger minibatches or more workers"
              .formatted(size, batch, steps, Integer.MAX_VALUE));
    }
    return (int) steps;
  }

  /** Hashes one after the other, so that neighbouring times and partitions share no sequence. */
  public static long mix(long seed, int time, int partition) {
    long timeSeed = new SplittableRandom(seed).nextLong() ^ time;
    return new SplittableRandom(timeSeed).nextLong() ^ partition;
  }
}
