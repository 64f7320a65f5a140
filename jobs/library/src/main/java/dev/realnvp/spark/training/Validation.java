package dev.realnvp.spark.training;

import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.training.rows.EpochOrder;
import dev.realnvp.spark.training.rows.Minibatches;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.state.NetworkState;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Judges the network after each epoch; its time is not counted as training. */
@FunctionalInterface
public interface Validation {

  /** The loss of the network as it is now, which it must leave as it is. */
  double loss(MultiLayerNetwork network);

  /**
   * The mean loss an example over held-out rows, computed on the executors, one minibatch in memory
   * a worker; for one network.
   *
   * @param batch rows at a time, which the result does not depend on but for rounding
   */
  static Validation on(JavaRDD<Shard> shards, int batch) {
    return new HeldOut(shards, batch);
  }

  /**
   * The mean loss over held-out rows, again and again for one network: the executors keep what they
   * made to compute it for as long as this object lives.
   */
  static final class HeldOut implements Validation {

    private final JavaRDD<Shard> shards;
    private final int batch;
    private Broadcast<ExecutorState> executorState;

    HeldOut(JavaRDD<Shard> shards, int batch) {
      this.shards = shards;
      this.batch = batch;
    }

    @Override
    public double loss(MultiLayerNetwork network) {
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(shards.context());
      if (executorState == null) {
        executorState = spark.broadcast(ExecutorState.forInference(network));
      }
      Broadcast<NetworkState> state = spark.broadcast(NetworkState.parametersOf(network));
      try {
        double sum = 0;
        double examples = 0;
        int size = batch;
        FitterTask<double[]> task =
            new FitterTask<>(executorState, state, (fitter, shard) -> losses(fitter, shard, size));
        for (double[] part : task.run(shards)) {
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

    /** {@code [sum of losses, examples]} of a shard. */
    private static double[] losses(Fitter fitter, Shard shard, int batch) {
      double sum = 0;
      Minibatches minibatches =
          Minibatches.of(shard.size(), Minibatches.steps(shard.size(), batch));
      EpochOrder order = EpochOrder.inPlace(shard.extent());
      for (int i = 0; i < minibatches.count(); i++) {
        long[] rows = order.rows(shard, minibatches.begin(i), minibatches.begin(i + 1));
        sum += rows.length * fitter.loss(shard, rows);
      }
      return new double[] {sum, shard.size()};
    }
  }
}
