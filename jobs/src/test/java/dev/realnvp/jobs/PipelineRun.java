package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A complete small run on 1,000 images of Fashion-MNIST, named {@code run a}. Tests leave it as it
 * is, and write beside it. {@link SharedRuns} gives it.
 */
record PipelineRun(Runs runs, Metrics metrics) {

  static final ImageShape LAYOUT = new ImageShape(28, 28, 1);

  /**
   * Surefire, whose JVMs share one run per build, names it: the run takes half a minute to make.
   */
  private static final String BUILD = System.getProperty("realnvp.build");

  static PipelineRun make(Path own) throws IOException {
    if (BUILD == null) {
      return in(own);
    }
    Path builds = Path.of("target", "pipeline-run").toAbsolutePath();
    Path folder = builds.resolve(BUILD);
    try (FileChannel file =
        FileChannel.open(
            Path.of("target", "pipeline-run.lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
      file.lock();
      if (!Files.exists(folder)) {
        FileUtils.deleteDirectory(builds.toFile());
        Files.createDirectories(folder);
      }
      return in(folder);
    }
  }

  private static PipelineRun in(Path folder) throws IOException {
    Runs runs = small(folder);
    Path metrics = folder.resolve("run a/evaluation").resolve(Evaluate.FILE);
    return new PipelineRun(
        runs,
        Files.exists(metrics)
            ? Metrics.fromJson(Files.readString(metrics))
            : runs.run(new Pipeline(), "run a"));
  }

  /** Runs of the same settings in any folder. */
  static Runs small(Path folder) {
    return Runs.in(
        folder,
        "autoencoder.channels=[4,8]",
        "autoencoder.epochs=3",
        "autoencoder.batch=8",
        "classifier.channels=[4,8]",
        "classifier.dense=16",
        "classifier.epochs=2",
        "flow.epochs=2",
        "flow.batch=10",
        "flow.hidden=[16]",
        "flow.couplings=3",
        "sample.per-class=12",
        "sample.neighbours=40",
        "inference.batch=64",
        "ingest.data=src/test/resources/fashion-mnist-1000");
  }

  SparkSession spark() {
    return runs.spark();
  }

  Path folder() {
    return runs.folder();
  }

  /** The settings of {@code run a}. */
  Config config() {
    return settings("run a");
  }

  Config settings(String run, String... more) {
    return runs.settings(run, more);
  }

  /** A setting that names an output of {@code run a}. */
  String own(String output) {
    return "paths." + output + "=" + runs.path("run a/" + output);
  }

  /** A table of {@code run a}. */
  Dataset<Row> table(String name) {
    return runs.table("run a/" + name);
  }

  /** A model of {@code run a}. */
  StoredModel model(String name) throws IOException {
    return ModelDirectory.read(new Configuration(), runs.path("run a/" + name), name);
  }
}
