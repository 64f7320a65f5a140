package dev.realnvp.spark.training;

import dev.realnvp.model.EpochStats;

/** Hears of progress, on the driver, in the thread that trains. */
public interface TrainingListener {

  /**
   * Called before a {@link TrainingPlan} is carried out.
   *
   * @param parameters of the network
   */
  default void starts(long parameters, TrainingPlan plan) {}

  /**
   * Called before each checkpoint and at the end of each epoch. Throws if the training is to end,
   * because another writer has taken its output over.
   */
  default void requireWanted() {}

  /** Called when the workers have their rows. */
  default void rowsReady() {}

  /**
   * Called after each averaging; never called with {@link Master#STOCK}, which has no such hook.
   *
   * @param epoch counted from 1
   * @param done rows that were trained on since the epoch's start, by all workers
   * @param rows of the epoch
   * @param loss the mean per row since the epoch's start
   */
  default void roundDone(int epoch, long done, long rows, double loss) {}

  /**
   * Called where training goes on from a checkpoint.
   *
   * @param epoch that it is in, counted from 1
   * @param step minibatches of that epoch that each worker has done
   */
  default void resumed(String file, int epoch, int step) {}

  /** Called for a checkpoint that cannot be used; one that is older may be. */
  default void checkpointRefused(String file, String reason) {}

  /** Called where a checkpoint could not be saved; the training goes on. */
  default void checkpointFailed(String folder, String reason) {}

  /**
   * Called where a training has diverged and goes on, with half the learning rate, from before the
   * round.
   *
   * @param rewinds how many there have been
   * @param maxRewinds how many there may be
   */
  default void rewound(String reason, int rewinds, int maxRewinds) {}

  /** Called after each epoch and its validation. */
  default void epochDone(EpochStats stats) {}

  /**
   * Called at the end if the validation loss was lowest before the last epoch: that state is kept.
   */
  default void bestKept(EpochStats best, EpochStats last) {}
}
