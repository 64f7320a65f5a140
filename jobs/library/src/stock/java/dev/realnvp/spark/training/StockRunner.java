package dev.realnvp.spark.training;

import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.training.rows.EpochOrder;
import dev.realnvp.spark.training.rows.Minibatches;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.rows.ShardTask;
import dev.realnvp.spark.training.state.NetworkState;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.dataset.DataSet;

/**
 * {@link Master#STOCK}. Each epoch makes new minibatches out of the shards, in the order that
 * {@link Master#AVERAGING} walks them. The stock master counts k iterations a split, however many
 * there were; after an epoch the count is set to what a worker did, which schedules rely on.
 *
 * <p>The minibatches are cached as objects: the stock master walks the whole RDD for every
 * averaging, and its own choice, serialized, is unpacked each time.
 */
public final class StockRunner implements StockMaster {

  @Override
  public Checkpoint epoch(
      JavaSparkContext spark,
      TrainingSettings settings,
      MultiLayerNetwork network,
      JavaRDD<Shard> shards,
      long[] sizes,
      Checkpoint from) {
    long began = System.nanoTime();
    int steps = Minibatches.stepsPerEpoch(sizes, settings.batchSize());
    long rows = Arrays.stream(sizes).sum();
    from.state().restore(network);
    int iteration = network.getIterationCount();
    int epoch = network.getEpochCount();
    JavaRDD<DataSet> batches =
        shards.mapPartitionsWithIndex(
            new BatchTask(settings.seed(), epoch, settings.batchSize(), steps), true);
    // A new one for each epoch, since the stock master's order of the minibatches has a state.
    SparkDl4jMultiLayer trainer =
        new SparkDl4jMultiLayer(
            spark,
            network,
            new ParameterAveragingTrainingMaster.Builder(sizes.length, settings.batchSize())
                .batchSizePerWorker(settings.batchSize())
                .averagingFrequency(Math.min(settings.averagingInterval(), steps))
                .saveUpdater(true)
                .rddTrainingApproach(RDDTrainingApproach.Direct)
                .storageLevel(StorageLevel.MEMORY_ONLY())
                .rngSeed(Minibatches.mix(settings.seed(), epoch, 0))
                .build());
    trainer.fit(batches);
    batches.unpersist();
    network.setIterationCount(iteration + steps);
    double loss = trainer.getScore();
    if (!Double.isFinite(loss)) {
      throw TrainingException.diverged(
          TrainingException.divergence(
              from.tally().epoch(), "with the stock master", "the last loss is " + loss),
          0);
    }
    return from.plus(
        NetworkState.of(network).withCounts(iteration + steps, epoch),
        new Checkpoint.Tally(
            from.tally().epoch(),
            steps,
            rows,
            rows * loss,
            (System.nanoTime() - began) / 1e9,
            Double.NaN,
            Double.NaN));
  }

  /** The minibatches of a shard in an epoch. */
  private static final class BatchTask extends ShardTask<DataSet> {
    private final long seed;
    private final int epoch;
    private final int batchSize;
    private final int steps;

    BatchTask(long seed, int epoch, int batchSize, int steps) {
      this.seed = seed;
      this.epoch = epoch;
      this.batchSize = batchSize;
      this.steps = steps;
    }

    @Override
    public Iterator<DataSet> call(int partition, Shard shard) {
      EpochOrder order = EpochOrder.random(seed, epoch, partition, shard.extent());
      Minibatches minibatches = Minibatches.of(shard.size(), steps);
      return IntStream.range(0, minibatches.count())
          .mapToObj(
              i -> {
                long[] rows = order.rows(shard, minibatches.begin(i), minibatches.begin(i + 1));
                return (DataSet) new Whole(shard.batch(rows), batchSize);
              })
          .iterator();
    }
  }

  /**
   * A minibatch that the stock master takes as it is. Others it joins and cuts to the size that it
   * was given, by their own word for how many rows they have, and leaves what remains of a split as
   * a minibatch.
   */
  private static final class Whole extends DataSet {
    private final int batchSize;

    Whole(DataSet rows, int batchSize) {
      super(rows.getFeatures(), rows.getLabels());
      this.batchSize = batchSize;
    }

    @Override
    public int numExamples() {
      return batchSize;
    }
  }
}
