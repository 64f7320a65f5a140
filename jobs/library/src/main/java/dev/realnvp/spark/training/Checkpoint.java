package dev.realnvp.spark.training;

import dev.realnvp.model.EpochStats;
import dev.realnvp.spark.training.state.NetworkState;
import dev.realnvp.spark.training.state.RoundResult;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a training stands between two rounds. With the network's configuration, the shards and the
 * settings, it is all that the rest of the training follows from.
 *
 * @param state of the network
 * @param tally of the epoch that is going on
 * @param history of the epochs before it
 * @param rewinds how often the learning rate was halved
 * @param best the state after the best of those epochs; null where there is none
 */
record Checkpoint(
    NetworkState state, Tally tally, List<EpochStats> history, int rewinds, NetworkState best) {

  private static final double RATE_OF_REWIND = 0.5;

  /** A training of which nothing is done. */
  static Checkpoint start(NetworkState state) {
    return new Checkpoint(state, Tally.start(1), List.of(), 0, null);
  }

  Checkpoint plus(NetworkState mean, Tally after) {
    return new Checkpoint(mean, after, history, rewinds, best);
  }

  /** What the learning rate has been multiplied by. */
  double rateFactor() {
    return Math.pow(RATE_OF_REWIND, rewinds);
  }

  /** As it was, but with the learning rate halved once more. */
  Checkpoint rewound() {
    return new Checkpoint(state, tally, history, rewinds + 1, best);
  }

  Checkpoint nextEpoch(EpochStats stats) {
    List<EpochStats> longer = new ArrayList<>(history);
    longer.add(stats);
    NetworkState after = state.withCounts(state.iteration(), state.epoch() + 1);
    boolean better = EpochStats.best(longer) == stats.epoch();
    return new Checkpoint(
        after, Tally.start(stats.epoch() + 1), List.copyOf(longer), rewinds, better ? after : best);
  }

  /** What a training that ends here leaves. */
  NetworkState result() {
    return best == null ? state : best;
  }

  /**
   * What an epoch has done so far.
   *
   * @param epoch counted from 1 within the training
   * @param step the minibatches of a worker that are done, that is, the next one
   * @param examples rows that were trained on
   * @param lossSum sum over them of the loss
   * @param seconds wall time
   * @param fittingSeconds of each round, its slowest worker's
   * @param waitingSeconds of each round, what a worker waited for the slowest, on the average
   */
  record Tally(
      int epoch,
      int step,
      long examples,
      double lossSum,
      double seconds,
      double fittingSeconds,
      double waitingSeconds) {

    /** An epoch of which nothing is done. */
    static Tally start(int epoch) {
      return new Tally(epoch, 0, 0, 0, 0, 0, 0);
    }

    /**
     * With a round more.
     *
     * @param result of all its workers
     * @param to the step that it ended before
     * @param workers how many there are, with rows or without
     */
    Tally plus(RoundResult result, int to, int workers, double roundSeconds) {
      return new Tally(
          epoch,
          to,
          examples + result.examples(),
          lossSum + result.lossSum(),
          seconds + roundSeconds,
          fittingSeconds + result.slowest(),
          waitingSeconds + result.slowest() - result.seconds() / workers);
    }

    double meanLoss() {
      return lossSum / examples;
    }

    /** The epoch's figures, without validation. */
    EpochStats stats() {
      return new EpochStats(
          epoch,
          seconds,
          seconds - fittingSeconds,
          waitingSeconds,
          examples,
          meanLoss(),
          Double.NaN);
    }
  }
}
