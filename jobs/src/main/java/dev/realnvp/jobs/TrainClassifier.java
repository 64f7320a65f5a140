package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.classifier.Classifier;
import dev.realnvp.classifier.ClassifierConfig;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.jobs.cli.Version;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.model.ModelKinds;
import dev.realnvp.spark.shards.Shards;
import dev.realnvp.spark.storage.OutputLeases;
import dev.realnvp.spark.table.Split;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Trains the classifier on the train split of images/. */
@Command(
    name = "train-classifier",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Trains the classifier that judges reconstructions and samples, data-parallel.",
    footer = {"", "Example: submit/train-classifier.sh --master local[4] --run runs/mine"})
public final class TrainClassifier extends ImagesJob<TrainClassifier.Result> {

  /** What the manifest calls it. */
  static final String KIND = ModelKinds.CLASSIFIER;

  /** Of its loss. */
  static final String UNIT = "nats";

  /** The trained model's manifest, and where both were put. */
  public record Result(String output, Manifest manifest) {}

  /** The job with its options. */
  public TrainClassifier() {
    option("--output", "DIR", "paths.classifier", "The model");
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new TrainClassifier(), args);
  }

  @Override
  protected List<String> reads() {
    return RunStage.TRAIN_CLASSIFIER.reads();
  }

  @Override
  protected List<String> writes() {
    return List.of(RunStage.TRAIN_CLASSIFIER.path(), "paths.checkpoints");
  }

  @Override
  protected void claim(OutputLeases leases, Config config) throws IOException {
    TrainingStage.claim(leases, config, RunStage.TRAIN_CLASSIFIER);
  }

  @Override
  public String next() {
    return "evaluate";
  }

  @Override
  protected Result work(SparkSession spark, Config config) throws IOException {
    TrainingStage stage = new TrainingStage(spark, config, RunStage.TRAIN_CLASSIFIER);
    List<Integer> channels = config.getIntList("classifier.channels");
    int dense = config.getInt("classifier.dense");
    Outputs output = Outputs.open(spark, config, "paths.classifier");
    ImageTable images = Images.read(spark, config.getString("paths.images"));
    Provenance provenance = Provenance.of(spark, config, RunStage.TRAIN_CLASSIFIER);
    long rows = images.splits().get(Split.TRAIN);
    Console.stage(
        "train-classifier: %,d images of %s from %s", rows, images.layout(), images.name());

    int classes = images.classes();
    Classifier classifier =
        Classifier.create(
            new ClassifierConfig(
                ImageShapes.of(images.layout()), channels, dense, classes, config.getLong("seed")),
            stage.plan().optimizer(rows));
    List<EpochStats> history =
        stage.fit(
            classifier.network(),
            split ->
                Shards.images(
                    images.split(split),
                    images.layout(),
                    classes,
                    stage.plan().workers(),
                    (pixels, labels) -> Classifier.trainingBatch(pixels, labels, classes)),
            images.splits(),
            images.fingerprint(),
            UNIT);

    Manifest manifest =
        provenance.model(
            classifier.network(),
            Map.of(
                "workers",
                stage.plan().workers(),
                "image",
                images.layout().toString(),
                "classes",
                classes),
            images.fingerprint(),
            history);
    output.model(classifier.network(), output.timed(manifest));
    stage.done();
    return new Result(output.target(), manifest);
  }
}
