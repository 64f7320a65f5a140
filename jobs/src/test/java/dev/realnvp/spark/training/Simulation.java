package dev.realnvp.spark.training;

import dev.realnvp.spark.training.rows.Minibatches;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.state.NetworkState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Parameter averaging written down plainly, without Spark: clones of the network, DL4J's own fit,
 * means as array expressions.
 */
final class Simulation {

  private Simulation() {}

  /**
   * The minibatches of a worker in an epoch of so many steps: row i of n is in minibatch j of k
   * where {@code j n / k <= i < (j + 1) n / k}, all rounded down.
   */
  static List<long[]> batches(
      TrainingSettings settings, int epoch, int worker, long rows, int steps) {
    int size = (int) rows;
    long[] order = order(settings.seed(), epoch, worker, size);
    int count = Math.min(steps, size);
    List<long[]> batches = new ArrayList<>();
    for (int j = 0; j < count; j++) {
      batches.add(Arrays.copyOfRange(order, j * size / count, (j + 1) * size / count));
    }
    return batches;
  }

  /** The order of an epoch's rows, where they are one window. */
  static long[] order(long seed, int epoch, int worker, int size) {
    SplittableRandom random = new SplittableRandom(Minibatches.mix(seed, epoch, worker));
    List<Long> order = new ArrayList<>();
    for (long row = 0; row < size; row++) {
      int place = random.nextInt((int) row + 1);
      order.add(row);
      order.set((int) row, order.get(place));
      order.set(place, row);
    }
    return order.stream().mapToLong(Long::longValue).toArray();
  }

  /** As many as it takes for the largest shard. */
  static int steps(TrainingSettings settings, List<Shard> shards) {
    long rows = shards.stream().mapToLong(Shard::size).max().orElseThrow();
    return (int) Math.ceil((double) rows / settings.batchSize());
  }

  /** DL4J's single-machine training of one worker. */
  static void fitAlone(MultiLayerNetwork network, Shard shard, TrainingSettings settings) {
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      int steps = steps(settings, List.of(shard));
      for (long[] rows : batches(settings, epoch, 0, shard.size(), steps)) {
        network.fit(shard.batch(rows));
      }
      network.incrementEpochCount();
    }
  }

  static void fit(MultiLayerNetwork network, List<Shard> shards, TrainingSettings settings) {
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      for (int from = 0; from < steps(settings, shards); from += settings.averagingInterval()) {
        round(network, shards, settings, epoch, from);
      }
      network.incrementEpochCount();
    }
  }

  private static void round(
      MultiLayerNetwork network,
      List<Shard> shards,
      TrainingSettings settings,
      int epoch,
      int from) {
    INDArray parameters = null;
    INDArray updater = null;
    int examples = 0;
    int iteration = 0;
    int taught = 0;
    for (int worker = 0; worker < shards.size(); worker++) {
      List<long[]> batches =
          batches(settings, epoch, worker, shards.get(worker).size(), steps(settings, shards));
      int to = Math.min(batches.size(), from + settings.averagingInterval());
      if (to <= from) {
        continue;
      }
      MultiLayerNetwork copy = network.clone();
      int own = 0;
      for (long[] rows : batches.subList(from, to)) {
        copy.fit(shards.get(worker).batch(rows));
        own += rows.length;
      }
      INDArray p = copy.params().castTo(DataType.DOUBLE).mul(own);
      INDArray u = copy.getUpdater().getStateViewArray().castTo(DataType.DOUBLE).mul(own);
      parameters = parameters == null ? p : parameters.add(p);
      updater = updater == null ? u : updater.add(u);
      examples += own;
      taught++;
      iteration = Math.max(iteration, copy.getIterationCount());
    }
    network.setParams(parameters.div(examples).castTo(DataType.FLOAT));
    double[] moments = updater.div(examples).toDoubleVector();
    float[] travelled = new float[moments.length];
    for (int i = 0; i < moments.length; i++) {
      travelled[i] = taught > 1 ? NetworkState.shortened(moments[i]) : (float) moments[i];
    }
    network.getUpdater().setStateViewArray(network, Nd4j.create(travelled, updater.shape()), false);
    network.setIterationCount(iteration);
  }
}
