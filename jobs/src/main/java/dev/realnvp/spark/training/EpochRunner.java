package dev.realnvp.spark.training;

/** Trains the network epoch by epoch; after each it holds the epoch's result. */
interface EpochRunner extends AutoCloseable {

  /**
   * @param epoch counted from 1
   * @return the epoch's figures, without validation
   * @throws TrainingException if the loss or the parameters are no longer finite
   */
  EpochStats run(int epoch);

  /** Frees what the executors hold. */
  @Override
  void close();

  /** What is thrown when training has diverged. */
  static TrainingException diverged(int epoch, String where, String what) {
    return new TrainingException(
        "Training diverged in epoch %d, %s: %s. Try a lower learning rate, or look for invalid rows in the input"
            .formatted(epoch, where, what));
  }
}
