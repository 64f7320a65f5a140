package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.data.EmbeddingTable;
import dev.realnvp.spark.data.Embeddings;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.InvalidRows;
import dev.realnvp.spark.data.ParquetFiles;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.StoredModel;
import dev.realnvp.spark.model.TableManifest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What jobs read, where the settings say it is. */
final class Inputs {

  private Inputs() {}

  /**
   * The embeddings, by {@code paths.embeddings}, {@code flow.features-col}, {@code skip-invalid}.
   */
  static EmbeddingTable embeddings(SparkSession spark, Config config) {
    EmbeddingTable table =
        Embeddings.read(
            spark,
            config.getString("paths.embeddings"),
            config.getString("flow.features-col"),
            config.getBoolean("skip-invalid") ? InvalidRows.SKIP : InvalidRows.REFUSE);
    if (table.skipped() > 0) {
      Console.say("left out %,d rows with NaN or infinite values", table.skipped());
    }
    return table;
  }

  /**
   * A table that another job wrote, where the setting says; pictures among its files are passed
   * over.
   */
  static Dataset<Row> table(SparkSession spark, Config config, String key) throws IOException {
    Path path = new Path(config.getString(key));
    if (!path.getFileSystem(hadoop(spark)).exists(path)) {
      throw new InvalidInputException("there is no " + path + " (setting " + key + ")");
    }
    return ParquetFiles.reader(spark)
        .option("pathGlobFilter", "*.parquet")
        .parquet(path.toString());
  }

  /** The model that the setting names. */
  static StoredModel model(SparkSession spark, Config config, String key, String kind)
      throws IOException {
    return ModelDirectory.read(hadoop(spark), config.getString(key), kind);
  }

  /** The model that the setting names, if there is anything. */
  static Optional<StoredModel> modelIfThere(
      SparkSession spark, Config config, String key, String kind) throws IOException {
    Path path = new Path(config.getString(key));
    return path.getFileSystem(hadoop(spark)).exists(path)
        ? Optional.of(model(spark, config, key, kind))
        : Optional.empty();
  }

  /** The ids of the models that a table came through, and its own, by kind; empty if unknown. */
  static Map<String, String> parents(SparkSession spark, String table) throws IOException {
    Map<String, String> parents = new LinkedHashMap<>();
    Optional<Manifest> manifest = TableManifest.read(hadoop(spark), table);
    manifest.ifPresent(
        m -> {
          parents.putAll(m.parents());
          parents.put(m.kind(), m.id());
        });
    return parents;
  }

  /**
   * Refuses a model whose width is not the data's.
   *
   * @param got of the data, named by {@code data}
   * @param expected by the model, named by {@code model}
   */
  static void requireSame(String what, Object got, String data, Object expected, String model) {
    if (!got.equals(expected)) {
      throw new InvalidInputException(
          data + " has " + what + " " + got + "; the model " + model + " takes " + expected);
    }
  }

  private static Configuration hadoop(SparkSession spark) {
    return spark.sparkContext().hadoopConfiguration();
  }
}
