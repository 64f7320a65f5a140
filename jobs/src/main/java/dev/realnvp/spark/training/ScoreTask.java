package dev.realnvp.spark.training;

import java.util.Collections;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;

/** The loss of a shard, minibatch by minibatch: {@code [sum of losses, examples]}. */
final class ScoreTask extends ShardTask<double[]> {

  private final Broadcast<ExecutorState> session;
  private final Broadcast<NetworkState> state;
  private final int batchSize;

  ScoreTask(Broadcast<ExecutorState> session, Broadcast<NetworkState> state, int batchSize) {
    this.session = session;
    this.state = state;
    this.batchSize = batchSize;
  }

  @Override
  Iterator<double[]> call(int partition, Shard shard) {
    double sum = session.value().with(state.value(), fitter -> lossSum(fitter, shard));
    return Collections.singleton(new double[] {sum, shard.size()}).iterator();
  }

  private double lossSum(Fitter fitter, Shard shard) {
    double sum = 0;
    Minibatches minibatches = Minibatches.of(shard.size(), Steps.of(shard.size(), batchSize));
    for (int i = 0; i < minibatches.count(); i++) {
      int[] rows = IntStream.range(minibatches.begin(i), minibatches.begin(i + 1)).toArray();
      sum += rows.length * fitter.loss(shard, rows);
    }
    return sum;
  }
}
