package dev.realnvp.spark.training;

import dev.realnvp.engine.Learner;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.ScaledRate;
import dev.realnvp.spark.cluster.Workers;
import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.rows.ShardTask;
import dev.realnvp.spark.training.state.HeapNeed;
import dev.realnvp.spark.training.state.NetworkState;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Trains a network on the executors.
 *
 * <p>With one worker the result is that of {@code MultiLayerNetwork.fit} on the same minibatches:
 * to rounding where the engine's {@link dev.realnvp.engine.Learner} takes the network, else bit for
 * bit. With plain SGD and an averaging interval of 1, N workers with equal minibatches equal one
 * worker with minibatches N times as large. The same settings, shards and network give the same
 * result, whatever is retried on the way.
 */
public record DistributedTrainer(
    JavaSparkContext spark, TrainingSettings settings, TrainingListener listener) {

  public DistributedTrainer {
    Objects.requireNonNull(spark, "spark");
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(listener, "listener");
  }

  /**
   * Trains {@code network}, which afterwards holds the averaged parameters and updater state, of
   * the epoch with the lowest validation loss, and has its iteration and epoch counts advanced. Row
   * orders go by the network's epoch count, so a training in two calls equals one.
   *
   * <p>It goes on from the last checkpoint of the same training that can be used, and keeps
   * checkpoints. However often it is interrupted, with the same shards the result is that of one
   * call, bit for bit.
   *
   * @param network of type FLOAT, initialised. A schedule of its updater must implement {@code
   *     equals}, by which DL4J lays out the updater's state
   * @param shards at most one a partition, a partition a worker; it must give the same shards when
   *     computed again. Persisted for the time of the call if the caller has not done so
   * @param suspects the rows that the loss may leave out; null for none
   * @param validation called after each epoch; null for none
   * @param checkpoints where they are; null for none. They stay when the training is done
   * @return the figures of each epoch
   * @throws TrainingException if there are no rows, or the loss or the parameters are not finite
   * @throws IllegalArgumentException if the network is of another type than FLOAT; if gradients are
   *     to be clipped that the engine does not compute, or a training to be stopped early that has
   *     no validation
   */
  public List<EpochStats> fit(
      MultiLayerNetwork network,
      JavaRDD<Shard> shards,
      Suspects suspects,
      Validation validation,
      Checkpoints checkpoints) {
    requirePossible(network, validation);
    boolean cacheHere = shards.getStorageLevel().equals(StorageLevel.NONE());
    if (cacheHere) {
      shards.persist(StorageLevel.MEMORY_AND_DISK());
    }
    try {
      List<Shard.Extent> extents = extents(shards);
      listener.rowsReady();
      long[] sizes = sizes(extents);
      if (Arrays.stream(sizes).allMatch(size -> size == 0)) {
        throw new TrainingException(
            "No rows to train on: all %d partitions are empty".formatted(sizes.length));
      }
      requireHeap(network, sizes.length);
      if (checkpoints != null) {
        checkpoints.identify(settings.identity(network, extents));
      }
      Checkpoint start = start(network, checkpoints);
      if (start.rewinds() > 0) {
        ScaledRate.scale(network, start.rateFactor());
      }
      try (CheckpointSaver saver = new CheckpointSaver(checkpoints, listener);
          AveragingRunner averaging =
              new AveragingRunner(
                  spark, settings, listener, network, shards, sizes, suspects, saver)) {
        UnaryOperator<Checkpoint> epoch =
            settings.master() == Master.AVERAGING
                ? averaging::run
                : from ->
                    StockMaster.find()
                        .orElseThrow()
                        .epoch(spark, settings, network, shards, sizes, from);
        return fit(network, epoch, saver, start, validation);
      }
    } finally {
      if (cacheHere) {
        shards.unpersist();
      }
    }
  }

  private void requirePossible(MultiLayerNetwork network, Validation validation) {
    if (settings.averagingInterval() < 1) {
      throw new IllegalArgumentException(
          "averaging interval: got %d, expected at least 1; TrainingPlan.forRows chooses one"
              .formatted(settings.averagingInterval()));
    }
    if (settings.maxGradientNorm() > 0 && Learner.of(network).isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot clip the gradients of a network with layers that are not this project's own");
    }
    if (settings.patience() > 0 && validation == null) {
      throw new IllegalArgumentException(
          "Cannot stop early after %d epochs without validation".formatted(settings.patience()));
    }
  }

  private void requireHeap(MultiLayerNetwork network, int workers) {
    INDArray updater = network.getUpdater().getStateViewArray();
    long state = Float.BYTES * (network.numParams() + (updater == null ? 0 : updater.length()));
    OptionalInt local = Workers.localCores(spark.master());
    int cores = local.orElse(spark.getConf().getInt("spark.executor.cores", 1));
    HeapNeed.of(state, workers, local.isPresent(), cores)
        .require(
            Runtime.getRuntime().maxMemory(),
            spark.getConf().getSizeAsBytes("spark.executor.memory", "1g"));
  }

  private Checkpoint start(MultiLayerNetwork network, Checkpoints checkpoints) {
    Checkpoint start = Checkpoint.start(NetworkState.of(network));
    try {
      return checkpoints == null ? start : checkpoints.latest(listener).orElse(start);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<EpochStats> fit(
      MultiLayerNetwork network,
      UnaryOperator<Checkpoint> epoch,
      CheckpointSaver saver,
      Checkpoint start,
      Validation validation) {
    Checkpoint at = start;
    while (at.history().size() < settings.epochs() && !settings.stops(at.history())) {
      Checkpoint trained = epoch.apply(at);
      trained.state().restore(network);
      EpochStats stats = trained.tally().stats();
      if (validation != null) {
        stats = stats.withValidationLoss(validation.loss(network));
      }
      at = trained.nextEpoch(stats);
      saver.save(at);
      listener.epochDone(stats);
    }
    List<EpochStats> history = at.history();
    int best = EpochStats.best(history);
    if (best > 0 && best < history.size()) {
      listener.bestKept(history.get(best - 1), history.get(history.size() - 1));
    }
    at.result().restore(network);
    return history;
  }

  /** Rows of each partition; 0 for one without a shard. Computes the shards, and keeps them. */
  public static long[] sizes(JavaRDD<Shard> shards) {
    return sizes(extents(shards));
  }

  private static long[] sizes(List<Shard.Extent> extents) {
    return extents.stream().mapToLong(Shard.Extent::rows).toArray();
  }

  private static List<Shard.Extent> extents(JavaRDD<Shard> shards) {
    Shard.Extent[] extents = new Shard.Extent[shards.getNumPartitions()];
    Arrays.fill(extents, Shard.Extent.whole(0));
    for (PartitionExtent found : new ExtentTask().run(shards)) {
      extents[found.partition] = found.extent;
    }
    return List.of(extents);
  }

  private record PartitionExtent(int partition, Shard.Extent extent) implements Serializable {}

  private static final class ExtentTask extends ShardTask<PartitionExtent> {
    @Override
    public Iterator<PartitionExtent> call(int partition, Shard shard) {
      return Collections.singleton(new PartitionExtent(partition, shard.extent())).iterator();
    }
  }
}
