package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.spark.images.PixelLayout;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A whole small run on 1,000 images of Fashion-MNIST, named {@code run a}. Tests leave it as it is,
 * and write what they write beside it. {@link SharedRuns} gives it.
 */
record PipelineRun(SparkSession spark, Path folder, Config config, Metrics metrics) {

  static final PixelLayout LAYOUT = new PixelLayout(28, 28, 1);

  /** Named by Surefire, whose JVMs share one run per build: it takes half a minute to make. */
  private static final String BUILD = System.getProperty("realnvp.build");

  static PipelineRun make(SparkSession spark, Path own) throws IOException {
    if (BUILD == null) {
      return make(spark, own, own.resolve("run a/evaluation").resolve(Evaluate.FILE));
    }
    Path runs = Path.of("target", "pipeline-run").toAbsolutePath();
    Path folder = runs.resolve(BUILD);
    Path metrics = folder.resolve("run a/evaluation").resolve(Evaluate.FILE);
    try (FileChannel file =
        FileChannel.open(
            Path.of("target", "pipeline-run.lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
      file.lock();
      if (!Files.exists(folder)) {
        FileUtils.deleteDirectory(runs.toFile());
        Files.createDirectories(folder);
      }
      return make(spark, folder, metrics);
    }
  }

  private static PipelineRun make(SparkSession spark, Path folder, Path metrics)
      throws IOException {
    Config config = at(folder.resolve("run a").toString());
    return new PipelineRun(
        spark,
        folder,
        config,
        Files.exists(metrics)
            ? Metrics.fromJson(Files.readString(metrics))
            : new Pipeline().run(spark, config));
  }

  /** Settings of a run in the folder. */
  Config settings(String run, String... more) {
    return at(folder.resolve(run).toString(), more);
  }

  /** The same of a run at any place. */
  static Config at(String run, String... more) {
    List<String> sets =
        Stream.concat(
                Stream.of(
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
                    "ingest.data=src/test/resources/fashion-mnist-1000"),
                Stream.of(more))
            .toList();
    return Settings.load(null, sets, Map.of("run", run));
  }

  /** A table of {@code run a}. */
  Dataset<Row> table(String name) {
    return spark.read().parquet(folder.resolve("run a").resolve(name) + "/*.parquet");
  }

  /** A model of {@code run a}. */
  StoredModel model(String name) throws IOException {
    return ModelDirectory.read(
        new Configuration(), folder.resolve("run a").resolve(name).toString(), name);
  }
}
