package dev.realnvp.damage;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.EpochStats;
import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.shards.Shards;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.training.Checkpoints;
import dev.realnvp.spark.training.DistributedTrainer;
import dev.realnvp.spark.training.Master;
import dev.realnvp.spark.training.TrainingListener;
import dev.realnvp.spark.training.TrainingSettings;
import dev.realnvp.spark.training.rows.Shard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.io.file.PathUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A table of embeddings, the checkpoints of a training on it, and its settings. */
final class EmbeddingInputs {

  private static final TrainingSettings TRAINING =
      new TrainingSettings(3, 8, 2, 1, Master.AVERAGING, 0);

  private static final String SETTINGS =
      """
      # mine
      run = "runs/b"
      seed = 7
      flow {
        epochs = 3
        hidden = [64, 32]   // smaller
        learning-rate = 1e-3
        mask = half
        permute = false
      }
      paths.flow = ${run}/other
      """;

  private EmbeddingInputs() {}

  private static Dataset<Row> rows(SparkSession spark) {
    return spark.createDataFrame(
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    RowFactory.create(
                        (long) i,
                        i % 5 == 0 ? "test" : "train",
                        i % 3,
                        new float[] {i / 7f, (float) Math.sin(i)}))
            .toList(),
        Embeddings.SCHEMA);
  }

  static void makeTable(SparkSession spark, Path folder) {
    rows(spark).coalesce(2).write().mode("overwrite").parquet(folder.toString());
  }

  static Object readTable(SparkSession spark, Path folder) {
    EmbeddingTable table =
        Embeddings.read(
            spark, folder.toString(), EmbeddingQuery.of(Embeddings.COLUMN, InvalidRows.REFUSE));
    List<Row> rows = table.rows().orderBy(col("id"), col(Embeddings.COLUMN)).collectAsList();
    assertThat(rows).hasSize(Math.toIntExact(table.count()));
    for (Row row : rows) {
      List<Float> values = row.getList(3);
      assertThat(values).hasSize(table.features()).allMatch(Float::isFinite);
      assertThat(row.<String>getAs("split")).isIn("train", "test");
    }
    return List.of(table.splits(), table.classes(), table.features(), table.fingerprint());
  }

  /** Ends a training after its second epoch. */
  private static final class Interruption extends RuntimeException {}

  static void makeCheckpoints(SparkSession spark, Path folder) {
    TrainingListener interrupter =
        new TrainingListener() {
          @Override
          public void epochDone(EpochStats stats) {
            if (stats.epoch() == 2) {
              throw new Interruption();
            }
          }
        };
    try {
      train(spark, folder, interrupter);
    } catch (Interruption e) {
      assertThat(folder).isNotEmptyDirectory();
    }
  }

  /** Whatever has happened to them, the training ends with the same parameters. */
  static Object readCheckpoints(SparkSession spark, Path folder) throws IOException {
    // A training that goes on writes checkpoints of its own.
    Path temporary = Files.createTempDirectory("checkpoints");
    Path copy = temporary.resolve("copy");
    try {
      if (Files.isDirectory(folder)) {
        PathUtils.copyDirectory(folder, copy);
      } else {
        Files.copy(folder, copy);
      }
      return train(spark, copy, new TrainingListener() {});
    } finally {
      PathUtils.deleteDirectory(temporary);
    }
  }

  private static Object train(SparkSession spark, Path folder, TrainingListener listener) {
    MultiLayerNetwork network = ModelInputs.network(2, 0);
    JavaRDD<Shard> shards =
        Shards.embeddings(
                rows(spark)
                    .where("split = 'train'")
                    .selectExpr("id", "split", "int(null) label", "embedding"),
                Map.of("train", 32L),
                2,
                0,
                0,
                1,
                1)
            .get("train");
    new DistributedTrainer(
            JavaSparkContext.fromSparkContext(spark.sparkContext()), TRAINING, listener)
        .fit(
            network,
            shards,
            null,
            null,
            new Checkpoints(new Configuration(), folder.toString(), "flow", 1, 2, Map.of()));
    return List.of(network.params().toString(), network.getIterationCount());
  }

  static void makeSettings(SparkSession spark, Path folder) throws IOException {
    Files.writeString(folder.resolve("mine.conf"), SETTINGS);
  }

  static Object readSettings(SparkSession spark, Path folder) {
    Config config = Settings.load(folder.resolve("mine.conf"), List.of(), Map.of());
    Config defaults = Defaults.resolved();
    defaults.entrySet().forEach(entry -> assertThat(config.hasPath(entry.getKey())).isTrue());
    assertThat(config.entrySet()).hasSameSizeAs(defaults.entrySet());
    return config;
  }
}
