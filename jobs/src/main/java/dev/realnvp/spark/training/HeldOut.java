package dev.realnvp.spark.training;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * The mean loss over held-out rows, again and again for one network: the executors keep what they
 * made to compute it for as long as this object lives.
 */
final class HeldOut implements Validation {

  private final JavaRDD<Shard> shards;
  private final int batch;
  private Broadcast<ExecutorState> session;

  HeldOut(JavaRDD<Shard> shards, int batch) {
    this.shards = shards;
    this.batch = batch;
  }

  @Override
  public double loss(MultiLayerNetwork network) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(shards.context());
    if (session == null) {
      session = spark.broadcast(ExecutorState.forInference(network));
    }
    Broadcast<NetworkState> state = spark.broadcast(NetworkState.parametersOf(network));
    try {
      double sum = 0;
      double examples = 0;
      for (double[] part : ShardJob.run(shards, new ScoreTask(session, state, batch))) {
        sum += part[0];
        examples += part[1];
      }
      if (examples == 0) {
        throw new TrainingException("No rows to compute the loss of: all partitions are empty");
      }
      return sum / examples;
    } finally {
      state.destroy();
    }
  }
}
