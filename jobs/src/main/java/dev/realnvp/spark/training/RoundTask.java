package dev.realnvp.spark.training;

import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import org.apache.spark.broadcast.Broadcast;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A worker's part of a round: minibatches {@code from} up to {@code to} of its epoch, starting from
 * the round's state. Depends on nothing else, so any attempt gives the same result.
 */
final class RoundTask extends ShardTask<RoundResult> {

  private final Broadcast<ExecutorState> session;
  private final StateTransport states;
  private final int steps;
  private final int from;
  private final int to;

  /**
   * @param steps of the whole epoch
   */
  RoundTask(Broadcast<ExecutorState> session, StateTransport states, int steps, int from, int to) {
    this.session = session;
    this.states = states;
    this.steps = steps;
    this.from = from;
    this.to = to;
  }

  @Override
  Iterator<RoundResult> call(int partition, Shard shard) {
    Minibatches minibatches = Minibatches.of(shard.size(), steps);
    int end = Math.min(to, minibatches.count());
    if (end <= from) {
      return Collections.emptyIterator();
    }
    NetworkState start = states.start();
    int[] order = session.value().order(start.epoch(), partition, shard.size());
    RoundResult result =
        session
            .value()
            .with(start, fitter -> fit(fitter, start, partition, shard, order, minibatches, end));
    return Collections.singleton(result).iterator();
  }

  private RoundResult fit(
      Fitter fitter,
      NetworkState start,
      int partition,
      Shard shard,
      int[] order,
      Minibatches minibatches,
      int end) {
    // Dropout and the like draw from the thread's generator.
    Nd4j.getRandom().setSeed(EpochOrder.mix(session.value().seed(), start.iteration(), partition));
    long began = System.nanoTime();
    long examples = 0;
    double lossSum = 0;
    for (int step = from; step < end; step++) {
      int[] rows = Arrays.copyOfRange(order, minibatches.begin(step), minibatches.begin(step + 1));
      double loss = fitter.fit(shard, rows);
      if (!Double.isFinite(loss)) {
        return RoundResult.failed(
            partition, "the loss of minibatch %d is %s".formatted(step + 1, loss));
      }
      lossSum += loss * rows.length;
      examples += rows.length;
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    NetworkState state = fitter.state();
    return state.isFinite()
        ? RoundResult.of(partition, examples, lossSum, seconds, states.send(partition, state))
        : RoundResult.failed(
            partition, "parameters are not finite after minibatch %d".formatted(end));
  }
}
