package dev.realnvp.spark.training;

import java.util.Objects;

/**
 * How to train.
 *
 * @param epochs passes over all rows, at least 1
 * @param batchSize examples in a minibatch of one worker, at least 1
 * @param averagingInterval k, the minibatches that each worker fits between two averagings, at
 *     least 1
 * @param seed what the order of the rows follows from
 * @param master who averages
 * @param maxRewinds how often a training that diverges goes back to before the round, at half the
 *     learning rate, at least 0; {@link Master#STOCK} never does
 * @param clipNorm the greatest length of a minibatch's gradient, which {@link Master#STOCK} takes
 *     none of; 0 for none
 * @param stopping after which epoch to stop, and which one to keep
 */
public record TrainingSettings(
    int epochs,
    int batchSize,
    int averagingInterval,
    long seed,
    Master master,
    int maxRewinds,
    double clipNorm,
    EarlyStopping stopping) {

  /** Settings that neither clip gradients nor stop early. */
  public TrainingSettings(
      int epochs, int batchSize, int averagingInterval, long seed, Master master, int maxRewinds) {
    this(epochs, batchSize, averagingInterval, seed, master, maxRewinds, 0, EarlyStopping.NEVER);
  }

  /**
   * @throws IllegalArgumentException if gradients are to be clipped by {@link Master#STOCK}
   */
  public TrainingSettings {
    Objects.requireNonNull(master, "master");
    Objects.requireNonNull(stopping, "stopping");
    if (clipNorm > 0 && master == Master.STOCK) {
      throw new IllegalArgumentException("Cannot clip gradients with the stock master");
    }
  }
}
