package dev.realnvp.spark.training.state;

import dev.realnvp.spark.failure.TrainingException;
import java.util.Locale;

/**
 * The heap that a training's states take at once, beside its rows, which are not on the heap.
 *
 * @param driver bytes in the driver's process
 * @param executor bytes in an executor's process; 0 if that is the driver's
 */
public record HeapNeed(long driver, long executor) {

  /** States of a worker at once: where it starts, what it has come to, and its engine's arrays. */
  private static final int OF_A_WORKER = 4;

  /** Of the driver: where a round starts, the mean, and a checkpoint that is being written. */
  private static final int OF_THE_DRIVER = 3;

  private static final double MEBIBYTE = 1 << 20;

  /**
   * What a training needs.
   *
   * @param state bytes of parameters and updater state
   * @param workers W
   * @param inProcess whether they are threads of the driver's process
   * @param cores of a process: as many workers train in it at the same time
   */
  public static HeapNeed of(long state, int workers, boolean inProcess, int cores) {
    int atOnce = Math.min(cores, workers);
    if (inProcess) {
      return new HeapNeed(state * (OF_THE_DRIVER + workers + (OF_A_WORKER - 1L) * atOnce), 0);
    }
    int received = StateTransport.statesOnTheDriver(workers);
    return new HeapNeed(state * (OF_THE_DRIVER + received), state * OF_A_WORKER * atOnce);
  }

  /**
   * Refuses a training whose states do not fit.
   *
   * @param driverHeap the largest heap of the driver, in bytes
   * @param executorHeap that of an executor
   * @throws TrainingException if one is too small
   */
  public void require(long driverHeap, long executorHeap) {
    require("the driver", driver, driverHeap, "--driver-memory");
    require("an executor", executor, executorHeap, "--executor-memory");
  }

  private static void require(String who, long need, long heap, String option) {
    if (need > heap) {
      throw new TrainingException(
          String.format(
              Locale.ROOT,
              "the states of this network's training take %.0f MB of heap in %s, and it has %.0f MB: set %s, take fewer workers, or a smaller network",
              need / MEBIBYTE,
              who,
              heap / MEBIBYTE,
              option));
    }
  }
}
