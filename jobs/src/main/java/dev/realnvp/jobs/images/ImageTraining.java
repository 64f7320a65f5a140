package dev.realnvp.jobs.images;

import com.typesafe.config.Config;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.jobs.run.TrainingStage;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.Optimizer;
import dev.realnvp.spark.images.ImageShards;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.preflight.LocalDiskSpace;
import dev.realnvp.spark.shards.Shards;
import dev.realnvp.spark.storage.OutputLeases;
import dev.realnvp.spark.table.Split;
import dev.realnvp.spark.training.Master;
import dev.realnvp.spark.training.TrainingPlan;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A job that trains a network on the train split of images/. */
public abstract class ImageTraining extends Job<ImageTraining.Result> {

  /** The trained model's manifest, and where both were put. */
  public record Result(String output, Manifest manifest) {}

  /**
   * A new network, and what it is trained on.
   *
   * @param classes K, of its labels; 0 without labels
   * @param batches makes its minibatches
   */
  public record NewNetwork(
      MultiLayerNetwork network, int classes, ImageShards.BatchAssembler batches) {}

  /** The share of the shorter side by which the images of a small table are moved. */
  private static final double SHIFTED_SHARE = 0.1;

  private final RunStage stage;

  public ImageTraining(RunStage stage, String next) {
    super(stage.reads(), stage.writes(), next);
    this.stage = stage;
    option("--input=TABLE", "paths.images", "The images: " + INPUT);
    option("--output=DIR", stage.path(), "The model");
  }

  /** Makes the network for such images, as the settings describe it. */
  public abstract NewNetwork network(Config config, ImageTable images, Optimizer optimizer);

  /** The setting; empty for auto. */
  private Optional<Integer> shift(Config config, Master master) {
    Optional<Integer> set =
        TrainingPlan.chosen(config.getConfig(stage.kind()), "shift")
            .map(text -> (int) Double.parseDouble(text));
    if (master == Master.STOCK && set.orElse(0) > 0) {
      throw Settings.wrong(
          config,
          stage.kind() + ".shift",
          "0 with train.training-master=stock, which moves no images");
    }
    return set;
  }

  /**
   * By up to how many pixels training images are moved: as far as the settings say, else those of
   * few rows by a tenth of the shorter side. With the stock master by none, since its workers draw
   * their random numbers from no seed.
   */
  public static int shift(Optional<Integer> set, ImageShape layout, long rows, Master master) {
    boolean few = rows < TrainingPlan.TABLE && master == Master.AVERAGING;
    int shorter = Math.min(layout.height(), layout.width());
    return set.orElse(few ? (int) (shorter * SHIFTED_SHARE) : 0);
  }

  /** Refuses images of another shape than a model takes. */
  public static void requireSame(ImageTable images, ImageShape expected, String model) {
    Run.requireSame("images", images.layout(), images.name(), expected, model);
  }

  @Override
  protected void claim(OutputLeases leases, Config config) throws IOException {
    stage.claim(leases, config);
  }

  @Override
  protected Result work(SparkSession spark, Config config) throws IOException {
    Run run = Run.of(spark, config);
    TrainingStage training = new TrainingStage(run, stage);
    Optional<Integer> set = shift(config, training.plan().settings().master());
    Outputs output = Outputs.open(run, stage.path());
    ImageTable images = run.images("paths.images");
    Provenance provenance = Provenance.of(run, stage);
    long rows = images.splits().get(Split.TRAIN);
    Console.stage(
        "%s: %,d images of %s from %s", stage.job(), rows, images.layout(), images.name());
    LocalDiskSpace.require(
        JavaSparkContext.fromSparkContext(spark.sparkContext()),
        (rows + images.splits().get(Split.TEST)) * Shards.shuffledBytes(images.layout().size()));
    TrainingPlan plan = training.forRows(rows, images.fingerprint());
    NewNetwork network = network(config, images, plan.optimizer(rows));
    int shift = shift(set, images.layout(), rows, plan.settings().master());
    training.requireValidation(images.splits().get(Split.TEST));
    List<EpochStats> history =
        training.fit(
            plan,
            network.network(),
            ImageShards.of(
                images.rows(),
                images.splits(),
                images.layout(),
                network.classes(),
                plan.workers(),
                plan.shuffleMegabytes(),
                shift,
                network.batches()));
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("workers", plan.workers());
    facts.put("image", images.layout().toString());
    if (network.classes() > 0) {
      facts.put("classes", network.classes());
    }
    Manifest manifest = provenance.model(network.network(), facts, images.fingerprint(), history);
    output.model(new StoredModel(network.network(), output.timed(manifest), Optional.empty()));
    training.done();
    return new Result(output.target(), manifest);
  }
}
