package dev.realnvp.spark.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Parameter averaging written down plainly, without Spark: clones of the network, DL4J's own fit,
 * means as array expressions.
 */
final class Simulation {

  private Simulation() {}

  /** The minibatches of a worker in an epoch. */
  static List<int[]> batches(TrainingSettings settings, int epoch, int worker, int size) {
    int[] order = EpochOrder.of(settings.seed(), epoch, worker, size);
    List<int[]> batches = new ArrayList<>();
    for (int first = 0; first < size; first += settings.batchSize()) {
      batches.add(Arrays.copyOfRange(order, first, Math.min(size, first + settings.batchSize())));
    }
    return batches;
  }

  /** DL4J's single-machine training of one worker. */
  static void fitAlone(MultiLayerNetwork network, Shard shard, TrainingSettings settings) {
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      for (int[] rows : batches(settings, epoch, 0, shard.size())) {
        network.fit(shard.batch(rows));
      }
      network.incrementEpochCount();
    }
  }

  static void fit(MultiLayerNetwork network, List<Shard> shards, TrainingSettings settings) {
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      int steps = 0;
      for (Shard shard : shards) {
        steps = Math.max(steps, batches(settings, epoch, 0, shard.size()).size());
      }
      for (int from = 0; from < steps; from += settings.averagingInterval()) {
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
    for (int worker = 0; worker < shards.size(); worker++) {
      List<int[]> batches = batches(settings, epoch, worker, shards.get(worker).size());
      int to = Math.min(batches.size(), from + settings.averagingInterval());
      if (to <= from) {
        continue;
      }
      MultiLayerNetwork copy = network.clone();
      int own = 0;
      for (int[] rows : batches.subList(from, to)) {
        copy.fit(shards.get(worker).batch(rows));
        own += rows.length;
      }
      INDArray p = copy.params().castTo(DataType.DOUBLE).mul(own);
      INDArray u = copy.getUpdater().getStateViewArray().castTo(DataType.DOUBLE).mul(own);
      parameters = parameters == null ? p : parameters.add(p);
      updater = updater == null ? u : updater.add(u);
      examples += own;
      iteration = Math.max(iteration, copy.getIterationCount());
    }
    network.setParams(parameters.div(examples).castTo(DataType.FLOAT));
    network
        .getUpdater()
        .setStateViewArray(network, updater.div(examples).castTo(DataType.FLOAT), false);
    network.setIterationCount(iteration);
  }
}
