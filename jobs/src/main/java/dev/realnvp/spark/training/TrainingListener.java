package dev.realnvp.spark.training;

/** Hears of progress, on the driver, in the thread that trains. */
public interface TrainingListener {

  /**
   * Called after each averaging; never called with {@link Master#STOCK}, which has no such hook.
   */
  default void roundDone(RoundProgress progress) {}

  /** Called after each epoch and its validation. */
  default void epochDone(EpochStats stats) {}
}
