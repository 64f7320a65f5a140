package dev.realnvp.spark.training;

/** Trains the network epoch by epoch. */
interface EpochRunner extends AutoCloseable {

  /**
   * Trains what is left of an epoch.
   *
   * @param from where the training stands
   * @return the same at the end of that epoch's last round; the network may or may not hold the
   *     state
   * @throws TrainingException if the loss or the parameters are no longer finite
   */
  Checkpoint run(Checkpoint from);

  /** Frees what the executors hold. */
  @Override
  void close();
}
