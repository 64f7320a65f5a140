package dev.realnvp.spark.training;

import java.util.Collections;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;

/** The loss of a shard, minibatch by minibatch: {@code [sum of losses, examples]}. */
final class ScoreTask extends ShardTask<double[]> {

  private final Broadcast<Session> session;
  private final Broadcast<NetworkState> state;
  private final int batchSize;

  ScoreTask(Broadcast<Session> session, Broadcast<NetworkState> state, int batchSize) {
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
    for (int step = 0; step < Steps.of(shard.size(), batchSize); step++) {
      int first = step * batchSize;
      int[] rows = IntStream.range(first, Math.min(shard.size(), first + batchSize)).toArray();
      sum += rows.length * fitter.loss(shard, rows);
    }
    return sum;
  }
}
