package dev.realnvp.spark.training;

import dev.realnvp.model.EpochStats;
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
 * @param best the state after the best of those epochs; null where none is kept, or there is none
 */
record Checkpoint(
    NetworkState state,
    EpochTally tally,
    List<EpochStats> history,
    int rewinds,
    NetworkState best) {

  private static final double RATE_OF_REWIND = 0.5;

  /** A training of which nothing is done. */
  static Checkpoint start(NetworkState state) {
    return new Checkpoint(state, EpochTally.start(1), List.of(), 0, null);
  }

  /** After one more round. */
  Checkpoint plus(NetworkState mean, EpochTally after) {
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

  /** Before the next epoch. */
  Checkpoint nextEpoch(EpochStats stats, EarlyStopping stopping) {
    List<EpochStats> longer = new ArrayList<>(history);
    longer.add(stats);
    NetworkState after = state.withCounts(state.iteration(), state.epoch() + 1);
    boolean better = stopping.on() && EarlyStopping.best(longer) == stats.epoch();
    return new Checkpoint(
        after,
        EpochTally.start(stats.epoch() + 1),
        List.copyOf(longer),
        rewinds,
        better ? after : best);
  }

  /** What a training that ends here leaves. */
  NetworkState result() {
    return best == null ? state : best;
  }
}
