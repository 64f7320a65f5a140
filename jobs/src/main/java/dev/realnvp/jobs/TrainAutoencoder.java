package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.autoencoder.AutoencoderConfig;
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

/** Trains the autoencoder on the train split of images/. */
@Command(
    name = "train-ae",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Trains the convolutional autoencoder on images/, data-parallel.",
    footer = {"", "Example: submit/train-ae.sh --master local[4] --run runs/mine"})
public final class TrainAutoencoder extends ImagesJob<TrainAutoencoder.Result> {

  /** What the manifest calls it. */
  static final String KIND = ModelKinds.AUTOENCODER;

  /** Of its loss. */
  static final String UNIT = "BCE per pixel";

  /** The trained model's manifest, and where both were put. */
  public record Result(String output, Manifest manifest) {}

  /** The job with its options. */
  public TrainAutoencoder() {
    option("--output", "DIR", "paths.autoencoder", "The model");
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new TrainAutoencoder(), args);
  }

  @Override
  protected List<String> reads() {
    return RunStage.TRAIN_AUTOENCODER.reads();
  }

  @Override
  protected List<String> writes() {
    return List.of(RunStage.TRAIN_AUTOENCODER.path(), "paths.checkpoints");
  }

  @Override
  protected void claim(OutputLeases leases, Config config) throws IOException {
    TrainingStage.claim(leases, config, RunStage.TRAIN_AUTOENCODER);
  }

  @Override
  public String next() {
    return "extract-embeddings";
  }

  @Override
  protected Result work(SparkSession spark, Config config) throws IOException {
    TrainingStage stage = new TrainingStage(spark, config, RunStage.TRAIN_AUTOENCODER);
    List<Integer> channels = config.getIntList("autoencoder.channels");
    int code = config.getInt("autoencoder.code");
    Outputs output = Outputs.open(spark, config, "paths.autoencoder");
    ImageTable images = Images.read(spark, config.getString("paths.images"));
    Provenance provenance = Provenance.of(spark, config, RunStage.TRAIN_AUTOENCODER);
    long rows = images.splits().get(Split.TRAIN);
    Console.stage("train-ae: %,d images of %s from %s", rows, images.layout(), images.name());

    Autoencoder autoencoder =
        Autoencoder.create(
            new AutoencoderConfig(
                ImageShapes.of(images.layout()), channels, code, config.getLong("seed")),
            stage.plan().optimizer(rows));
    List<EpochStats> history =
        stage.fit(
            autoencoder.network(),
            split ->
                Shards.images(
                    images.split(split),
                    images.layout(),
                    0,
                    stage.plan().workers(),
                    (pixels, labels) -> Autoencoder.trainingBatch(pixels)),
            images.splits(),
            images.fingerprint(),
            UNIT);

    Manifest manifest =
        provenance.model(
            autoencoder.network(),
            Map.of("workers", stage.plan().workers(), "image", images.layout().toString()),
            images.fingerprint(),
            history);
    output.model(autoencoder.network(), output.timed(manifest));
    stage.done();
    return new Result(output.target(), manifest);
  }
}
