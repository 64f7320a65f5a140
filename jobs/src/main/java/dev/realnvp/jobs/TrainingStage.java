package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Checked;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.TrainingProgress;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.model.Versions;
import dev.realnvp.spark.data.Split;
import dev.realnvp.spark.training.Checkpoints;
import dev.realnvp.spark.training.DistributedTrainer;
import dev.realnvp.spark.training.EpochStats;
import dev.realnvp.spark.training.Master;
import dev.realnvp.spark.training.Shard;
import dev.realnvp.spark.training.Steps;
import dev.realnvp.spark.training.TrainingSettings;
import dev.realnvp.spark.training.Validation;
import dev.realnvp.spark.training.Workers;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

  /** What to do where the loss is no longer finite. */
  private enum OnNaN {
    STOP,
    REWIND
  }

  private final JavaSparkContext context;
  private final Config config;
  private final RunStage stage;
  private final TrainingSettings settings;
  private final double learningRate;
  private final Schedule schedule;
  private final double l2;
  private final int workers;
  private final int everyRounds;
  private final int keep;
  private Checkpoints checkpoints;

  /**
   * Reads and checks {@code train}, {@code checkpoint} and the section that is called as what the
   * stage makes.
   */
  TrainingStage(SparkSession spark, Config config, RunStage stage) {
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.config = config;
    this.stage = stage;
    String section = stage.kind();
    this.settings =
        new TrainingSettings(
            Checked.positive(config, section + ".epochs"),
            Checked.positive(config, section + ".batch"),
            Checked.positive(config, section + ".averaging-interval"),
            config.getLong("seed"),
            Checked.choice(Master.class, config, "train.master"),
            Checked.choice(OnNaN.class, config, "train.on-nan") == OnNaN.REWIND
                ? Checked.atLeast(0, config, "train.max-rewinds")
                : 0);
    this.learningRate = Checked.positiveReal(config, section + ".learning-rate");
    this.schedule = Checked.choice(Schedule.class, config, section + ".schedule");
    this.l2 = Checked.nonNegativeReal(config, section + ".l2");
    this.everyRounds = Checked.positive(config, "checkpoint.every-rounds");
    this.keep = Checked.atLeast(0, config, "checkpoint.keep");
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
   * Trains the network in place, the shards cached meanwhile; goes on from the last checkpoint
   * where there is one.
   *
   * @param shards a split's rows, a partition a worker
   * @param splits how many rows each split has; without test rows there is no validation
   * @param data the fingerprint of the table that the rows are of
   * @param unit of the loss, for the lines that are printed
   */
  List<EpochStats> fit(
      MultiLayerNetwork network,
      Function<String, JavaRDD<Shard>> shards,
      Map<String, Long> splits,
      String data,
      String unit) {
    Console.say(
        "%,d parameters, %d workers, batch %d a worker, averaged every %d batches",
        network.numParams(), workers, settings.batchSize(), settings.averagingInterval());
    JavaRDD<Shard> train = shards.apply(Split.TRAIN).persist(StorageLevel.MEMORY_AND_DISK());
    JavaRDD<Shard> test = shards.apply(Split.TEST).persist(StorageLevel.MEMORY_AND_DISK());
    Validation validation =
        splits.get(Split.TEST) > 0 ? Validation.on(test, settings.batchSize()) : null;
    try (TrainingProgress progress = new TrainingProgress(settings.epochs(), unit)) {
      checkpoints = keep == 0 ? null : checkpoints(data);
      return new DistributedTrainer(context, settings, progress)
          .fit(network, train, validation, checkpoints);
    } finally {
      train.unpersist();
      test.unpersist();
    }
  }

  private Checkpoints checkpoints(String data) {
    Map<String, String> identity = new TreeMap<>();
    stage.settings(config).forEach((key, value) -> identity.put(key, value.unwrapped().toString()));
    identity.put("data", data);
    identity.put("version", Versions.PROJECT);
    return new Checkpoints(
        context.hadoopConfiguration(),
        config.getString("paths.checkpoints"),
        stage.kind(),
        everyRounds,
        keep,
        identity);
  }

  /** To be called when the model is written: its checkpoints go. */
  void done() throws IOException {
    if (checkpoints != null) {
      checkpoints.delete();
    }
  }
}
