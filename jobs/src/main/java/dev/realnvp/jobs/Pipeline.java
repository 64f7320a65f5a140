package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.jobs.cli.Version;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Every job after the other, in one Spark session. */
@Command(
    name = "pipeline",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Runs every stage, from images to metrics and pictures, in one Spark session.",
    footer = {
      "",
      "Examples: submit/pipeline.sh",
      "          submit/pipeline.sh --master local[4] --data folder/of/images --run runs/mine"
    })
public final class Pipeline extends Job<Metrics> {

  private static final List<String> OUTPUTS =
      List.of(
          "paths.images",
          "paths.autoencoder",
          "paths.classifier",
          "paths.embeddings",
          "paths.flow",
          "paths.scores",
          "paths.samples",
          "paths.evaluation");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "IDX files or PNGs by class (ingest.data); found or downloaded without it.")
  void data(String data) {
    set("ingest.data", data);
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new Pipeline(), args);
  }

  @Override
  protected List<String> reads() {
    return List.of("ingest.data");
  }

  @Override
  protected List<String> writes() {
    return Stream.concat(OUTPUTS.stream(), Stream.of("paths.checkpoints")).toList();
  }

  @Override
  public Metrics run(SparkSession spark, Config config) throws IOException {
    for (String output : OUTPUTS) {
      Outputs.open(spark, config, output);
    }
    long start = System.nanoTime();
    StageClock clock = new StageClock();
    clock.time("ingest", () -> new Ingest().run(spark, config));
    clock.time("train-ae", () -> new TrainAutoencoder().run(spark, config));
    clock.time("train-classifier", () -> new TrainClassifier().run(spark, config));
    clock.time("extract-embeddings", () -> new ExtractEmbeddings().run(spark, config));
    clock.time("train-flow", () -> new TrainFlow().run(spark, config));
    clock.time("score", () -> new Score().run(spark, config));
    clock.time("sample", () -> new Sample().run(spark, config));
    Metrics metrics = clock.time("evaluate", () -> new Evaluate().run(spark, config));
    Console.stage(
        "pipeline: done in %s; the samples: %s/%s, the metrics: %s/%s",
        Console.clock((System.nanoTime() - start) / 1e9),
        config.getString("paths.samples"),
        Pictures.GRID,
        config.getString("paths.evaluation"),
        Evaluate.FILE);
    Console.say("%s", clock.line());
    return metrics;
  }
}
