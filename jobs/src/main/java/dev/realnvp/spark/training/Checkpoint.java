package dev.realnvp.spark.training;

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
 */
record Checkpoint(NetworkState state, EpochTally tally, List<EpochStats> history, int rewinds) {

  private static final double RATE_OF_REWIND = 0.5;

  /** A training of which nothing is done. */
  static Checkpoint start(NetworkState state) {
    return new Checkpoint(state, EpochTally.start(1), List.of(), 0);
  }

  /** After one more round. */
  Checkpoint plus(NetworkState mean, EpochTally after) {
    return new Checkpoint(mean, after, history, rewinds);
  }

  /** What the learning rate has been multiplied by. */
  double rateFactor() {
    return Math.pow(RATE_OF_REWIND, rewinds);
  }

  /** As it was, but with the learning rate halved once more. */
  Checkpoint rewound() {
    return new Checkpoint(state, tally, history, rewinds + 1);
  }

  /** Before the next epoch. */
  Checkpoint nextEpoch(EpochStats stats) {
    List<EpochStats> longer = new ArrayList<>(history);
    longer.add(stats);
    return new Checkpoint(
        state.withCounts(state.iteration(), state.epoch() + 1),
        EpochTally.start(stats.epoch() + 1),
        List.copyOf(longer),
        rewinds);
  }
}
