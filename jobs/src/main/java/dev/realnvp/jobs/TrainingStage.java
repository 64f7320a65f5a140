package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Checked;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.TrainingProgress;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.data.Split;
import dev.realnvp.spark.training.DistributedTrainer;
import dev.realnvp.spark.training.EpochStats;
import dev.realnvp.spark.training.Master;
import dev.realnvp.spark.training.Shard;
import dev.realnvp.spark.training.Steps;
import dev.realnvp.spark.training.TrainingSettings;
import dev.realnvp.spark.training.Validation;
import dev.realnvp.spark.training.Workers;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * What the three training jobs share: the settings of a section, the workers, the optimiser, the
 * training itself.
 */
final class TrainingStage {

  private final JavaSparkContext context;
  private final TrainingSettings settings;
  private final double learningRate;
  private final Schedule schedule;
  private final double l2;
  private final int workers;

  /**
   * Reads and checks {@code train} and the section.
   *
   * @param section of the settings, "flow" say
   */
  TrainingStage(SparkSession spark, Config config, String section) {
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.settings =
        new TrainingSettings(
            Checked.positive(config, section + ".epochs"),
            Checked.positive(config, section + ".batch"),
            Checked.positive(config, section + ".averaging-interval"),
            config.getLong("seed"),
            Checked.choice(Master.class, config, "train.master"));
    this.learningRate = Checked.positiveReal(config, section + ".learning-rate");
    this.schedule = Checked.choice(Schedule.class, config, section + ".schedule");
    this.l2 = Checked.nonNegativeReal(config, section + ".l2");
    int asked = Checked.atLeast(0, config, "train.workers");
    this.workers = asked > 0 ? asked : Workers.count(context);
  }

  int workers() {
    return workers;
  }

  /** The optimiser, whose schedule ends with the last step of a worker. */
  Optimizer optimizer(long rows) {
    int mostOfAWorker = Math.toIntExact((rows + workers - 1) / workers);
    long steps = Steps.total(new int[] {mostOfAWorker}, settings.batchSize(), settings.epochs());
    return new Optimizer(learningRate, schedule, Math.max(steps, 1), l2);
  }

  /**
   * Trains the network in place, the shards cached meanwhile.
   *
   * @param shards a split's rows, a partition a worker
   * @param splits how many rows each split has; without test rows there is no validation
   * @param unit of the loss, for the lines that are printed
   */
  List<EpochStats> fit(
      MultiLayerNetwork network,
      Function<String, JavaRDD<Shard>> shards,
      Map<String, Long> splits,
      String unit) {
    Console.say(
        "%,d parameters, %d workers, batch %d a worker, averaged every %d batches",
        network.numParams(), workers, settings.batchSize(), settings.averagingInterval());
    JavaRDD<Shard> train = shards.apply(Split.TRAIN).persist(StorageLevel.MEMORY_AND_DISK());
    JavaRDD<Shard> test = shards.apply(Split.TEST).persist(StorageLevel.MEMORY_AND_DISK());
    Validation validation =
        splits.get(Split.TEST) > 0 ? Validation.on(test, settings.batchSize()) : null;
    try (TrainingProgress progress = new TrainingProgress(settings.epochs(), unit)) {
      return new DistributedTrainer(context, settings, progress).fit(network, train, validation);
    } finally {
      train.unpersist();
      test.unpersist();
    }
  }
}
