package dev.realnvp.jobs.run;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.cli.TrainingProgress;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Versions;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.table.Split;
import dev.realnvp.spark.training.Checkpoints;
import dev.realnvp.spark.training.Master;
import dev.realnvp.spark.training.TrainingPlan;
import dev.realnvp.spark.training.rows.Shard;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * What the three training jobs share: the checks of settings, the plan, the checkpoints. {@link
 * #forRows} and {@link #fit} are for images; a flow trains in {@link
 * dev.realnvp.spark.flow.FlowTraining}.
 */
public final class TrainingStage {

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final Config config;
  private final RunStage stage;
  private final TrainingPlan plan;
  private Checkpoints checkpoints;

  /** Reads {@code train} and the section that is called as what the stage makes. */
  public TrainingStage(Run run, RunStage stage) {
    this.spark = run.spark();
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.config = run.config();
    this.stage = stage;
    boolean stock = config.getString("train.training-master").equalsIgnoreCase(Master.STOCK.name());
    String maxGradientNorm = stage.kind() + ".max-gradient-norm";
    if (stock && config.getDouble(maxGradientNorm) > 0) {
      throw Settings.wrong(
          config, maxGradientNorm, "0 with train.training-master=stock, which clips no gradients");
    }
    if (stock && stage == RunStage.TRAIN_FLOW && !config.getString("table.weight-col").isEmpty()) {
      throw Settings.wrong(
          config,
          "table.weight-col",
          "none with train.training-master=stock, which weighs no rows");
    }
    if (stock && !Master.STOCK.isIncluded()) {
      throw Settings.wrong(
          config,
          "train.training-master",
          "averaging, since DL4J's Spark module, and so the stock master, is for Spark 3.5 alone");
    }
    this.plan = TrainingPlan.of(config, stage.kind(), context);
  }

  public TrainingPlan plan() {
    return plan;
  }

  /**
   * The plan for so many train rows, with the workers of the training that goes on, if one does.
   *
   * @param data the fingerprint of the table that they are of
   */
  public TrainingPlan forRows(long rows, String data) {
    Checkpoints before = checkpoints(data, Map.of());
    return plan.forRows(rows, rows, before == null ? OptionalInt.empty() : before.workers());
  }

  /**
   * Trains the network in place, the shards kept meanwhile; goes on from the last checkpoint where
   * there is one.
   *
   * @param sized the plan {@link #forRows}
   * @param shards each split's rows, a partition a worker; without test rows there is no validation
   */
  public List<EpochStats> fit(
      TrainingPlan sized, MultiLayerNetwork network, Map<String, JavaRDD<Shard>> shards) {
    try (TrainingProgress progress = new TrainingProgress(spark, stage.unit())) {
      return sized.fit(
          context,
          network,
          shards.get(Split.TRAIN),
          shards.get(Split.TEST),
          null,
          progress,
          checkpoints);
    }
  }

  /**
   * @throws ConfigurationException if the training may stop early, and there are no rows to
   *     validate on
   */
  public void requireValidation(long rows) {
    if (plan.settings().patience() > 0 && rows == 0) {
      throw Settings.wrong(
          config, stage.kind() + ".patience", "0 where there are no rows to validate on");
    }
  }

  /**
   * Where the training's checkpoints are; null where none are to be kept.
   *
   * @param data the fingerprint of the table that the rows are of
   * @param parents ids of what the stage reads; of them, that of the flow to go on from counts
   */
  public Checkpoints checkpoints(String data, Map<String, String> parents) {
    int keep = config.getInt("checkpoint.keep");
    if (keep == 0) {
      return null;
    }
    Map<String, String> identity = new TreeMap<>();
    stage.settings(config).forEach((key, value) -> identity.put(key, value.unwrapped().toString()));
    identity.put("data", data);
    identity.put("version", Versions.PROJECT);
    if (parents.containsKey(PreviousFlow.PARENT)) {
      identity.put(PreviousFlow.PARENT, parents.get(PreviousFlow.PARENT));
    }
    checkpoints =
        new Checkpoints(
            context.hadoopConfiguration(),
            config.getString("paths.checkpoints"),
            stage.kind(),
            config.getInt("checkpoint.every-rounds"),
            keep,
            identity);
    return checkpoints;
  }

  /**
   * To be called when the model is written: its checkpoints go. Where they cannot, that is said;
   * the model is there all the same.
   */
  public void done() {
    if (checkpoints == null) {
      return;
    }
    try {
      checkpoints.delete();
    } catch (IOException e) {
      Console.warn(
          "checkpoints in %s stay, delete them: %s"
              .formatted(config.getString("paths.checkpoints"), e.getMessage()));
    }
  }
}
