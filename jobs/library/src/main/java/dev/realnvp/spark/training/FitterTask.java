package dev.realnvp.spark.training;

import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.rows.ShardTask;
import dev.realnvp.spark.training.state.NetworkState;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;

/**
 * Work on each shard with a network in the same state.
 *
 * @param <R> its result
 */
final class FitterTask<R> extends ShardTask<R> {

  private final Broadcast<ExecutorState> executorState;
  private final Broadcast<NetworkState> state;
  private final Work<R> work;

  @FunctionalInterface
  interface Work<R> extends Serializable {
    R of(Fitter fitter, Shard shard);
  }

  FitterTask(Broadcast<ExecutorState> executorState, Broadcast<NetworkState> state, Work<R> work) {
    this.executorState = executorState;
    this.state = state;
    this.work = work;
  }

  @Override
  public Iterator<R> call(int partition, Shard shard) {
    R result = executorState.value().with(state.value(), fitter -> work.of(fitter, shard));
    return List.of(result).iterator();
  }
}
