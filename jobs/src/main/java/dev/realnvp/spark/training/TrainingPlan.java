package dev.realnvp.spark.training;

import dev.realnvp.model.Optimizer;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A training from its settings to its last epoch: the optimizer that fits the number of rows, the
 * shards that are cached meanwhile, the validation.
 *
 * @param settings how to train
 * @param steps how large the optimizer's steps are
 * @param workers how many train side by side, at least 1; see {@link Workers#of}
 */
public record TrainingPlan(TrainingSettings settings, StepSizes steps, int workers) {

  /** The optimizer of so many rows, whose schedule ends with the last step of a worker. */
  public Optimizer optimizer(long rows) {
    int mostOfAWorker = Math.toIntExact((rows + workers - 1) / workers);
    return steps.over(
        Steps.total(new int[] {mostOfAWorker}, settings.batchSize(), settings.epochs()));
  }

  /**
   * Trains a network in place; see {@link DistributedTrainer#fit(MultiLayerNetwork, JavaRDD,
   * Validation, Checkpoints)}.
   *
   * @param network made with {@link #optimizer}
   * @param train the rows to train on, a partition a worker
   * @param test the rows to validate on, spread likewise; null for none
   * @param checkpoints to go on from and to keep; null for none
   * @return the figures of each epoch
   */
  public List<EpochStats> fit(
      JavaSparkContext spark,
      MultiLayerNetwork network,
      JavaRDD<Shard> train,
      JavaRDD<Shard> test,
      TrainingListener listener,
      Checkpoints checkpoints) {
    listener.starts(network.numParams(), this);
    train.persist(StorageLevel.MEMORY_AND_DISK());
    if (test != null) {
      test.persist(StorageLevel.MEMORY_AND_DISK());
    }
    try {
      Validation validation = test == null ? null : Validation.on(test, settings.batchSize());
      return new DistributedTrainer(spark, settings, listener)
          .fit(network, train, validation, checkpoints);
    } finally {
      train.unpersist();
      if (test != null) {
        test.unpersist();
      }
    }
  }
}
