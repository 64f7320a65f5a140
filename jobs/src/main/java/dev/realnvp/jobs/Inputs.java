package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.autoencoder.ImageShape;
import dev.realnvp.jobs.cli.StageProgress;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.Redaction;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.images.PixelLayout;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.ModelKinds;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.spark.storage.TableSource;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What jobs read, where the settings say it is. */
final class Inputs {

  /** What is shown while a table is read. */
  static final String READING = "reading";

  private static final String PARQUET = "*.parquet";

  private Inputs() {}

  /** The images that a setting names. */
  static ImageTable images(SparkSession spark, Config config, String key) {
    return StageProgress.during(spark, READING, () -> Images.read(spark, config.getString(key)));
  }

  /**
   * A table that another job wrote, where the setting says; pictures among its files are passed
   * over.
   */
  static Dataset<Row> table(SparkSession spark, Config config, String key) throws IOException {
    String place = config.getString(key);
    TableSource source = TableSource.find(spark, place);
    if (source instanceof TableSource.Catalogued catalogued) {
      return catalogued.table().read();
    }
    if (!(source instanceof TableSource.Files files)) {
      throw new InvalidInputException("there is no " + place + " (setting " + key + ")");
    }
    files.requireParquet();
    ParquetFiles.requireRows(spark, files);
    return ParquetFiles.reader(spark, files)
        .option("pathGlobFilter", PARQUET)
        .parquet(files.paths());
  }

  /** The table in a folder; what else is in it, pictures and other tables, is passed over. */
  static Dataset<Row> table(SparkSession spark, String folder) {
    return ParquetFiles.reader(spark).option("pathGlobFilter", PARQUET).parquet(folder);
  }

  /**
   * Reads, or computes from what Spark reads.
   *
   * @param key of the setting that says where the table is
   * @throws InvalidInputException if Spark fails, because the files are damaged say
   */
  static <T> T reading(Config config, String key, Reading<T> reading) throws IOException {
    try {
      return reading.read();
    } catch (IOException | InvalidInputException e) {
      throw e;
    } catch (Exception e) {
      // Spark throws checked exceptions here without declaring them.
      String reason = ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("");
      throw new InvalidInputException(
          "cannot read " + config.getString(key) + " as Parquet: " + reason, e);
    }
  }

  /** Reads something. */
  @FunctionalInterface
  interface Reading<T> {

    /**
     * @throws InvalidInputException if it is not there, or not what it should be
     */
    T read() throws IOException;
  }

  /** The model that the setting names. */
  static StoredModel model(SparkSession spark, Config config, String key, String kind)
      throws IOException {
    return ModelDirectory.read(hadoop(spark), config.getString(key), kind);
  }

  /**
   * The flow that {@code paths.flow} names.
   *
   * @throws InvalidInputException if it is conditioned on numbers
   */
  static StoredModel flow(SparkSession spark, Config config) throws IOException {
    StoredModel flow = model(spark, config, "paths.flow", FlowModel.KIND);
    FlowModel.requireClassesOrNone(flow);
    return flow;
  }

  /**
   * Whether a run is of images: it has some, or a model of them, or its flow is of the embeddings
   * of an autoencoder.
   */
  static boolean isOfImages(SparkSession spark, Config config) throws IOException {
    for (String key : List.of("paths.images", "paths.autoencoder", "paths.classifier")) {
      if (isThere(spark, config, key)) {
        return true;
      }
    }
    return isThere(spark, config, RunStage.TRAIN_FLOW.path())
        && manifest(spark, config, RunStage.TRAIN_FLOW)
            .map(flow -> flow.parents().containsKey(ModelKinds.AUTOENCODER))
            .orElse(false);
  }

  /** Whether there is anything where the setting says. */
  static boolean isThere(SparkSession spark, Config config, String key) throws IOException {
    return !(TableSource.find(spark, config.getString(key)) instanceof TableSource.Missing);
  }

  /** The manifest of what a stage made, where the settings say it is; empty if it has none. */
  static Optional<Manifest> manifest(SparkSession spark, Config config, RunStage stage)
      throws IOException {
    String place = config.getString(stage.path());
    return stage.trains()
        ? Manifests.ofModel(hadoop(spark), place)
        : Manifests.ofTable(spark, place);
  }

  /**
   * The tables that a stage reads and that are not the run's own, by kind: the places of files, or
   * names in Spark's catalog with the version that is read if their format has versions. None whose
   * place holds credentials, which is of no use without them.
   */
  static Map<String, String> tables(SparkSession spark, Config config, RunStage stage)
      throws IOException {
    Map<String, String> tables = new LinkedHashMap<>();
    for (RunStage input : stage.inputs()) {
      String place = config.getString(input.path());
      if (input.trains() || place.equals(config.getString("run") + "/" + input.kind())) {
        continue;
      }
      TableSource source = TableSource.find(spark, place);
      if (source instanceof TableSource.Catalogued catalogued) {
        tables.put(input.kind(), catalogued.table().name());
      } else if (source instanceof TableSource.Files files) {
        tables.put(
            input.kind(),
            files.places().size() > 1 || files.base().isPresent()
                ? place
                : files.places().get(0).status().getPath().toString());
      }
    }
    tables.values().removeIf(place -> !Redaction.text(place).equals(place));
    return tables;
  }

  /** The ids, by kind, of what a stage reads and of what that came through, as far as known. */
  static Map<String, String> parents(SparkSession spark, Config config, RunStage stage)
      throws IOException {
    Map<String, String> read = new LinkedHashMap<>();
    Map<String, String> parents = new LinkedHashMap<>();
    for (RunStage input : stage.inputs()) {
      Optional<Manifest> manifest = manifest(spark, config, input);
      manifest.ifPresent(m -> parents.putAll(m.parents()));
      read.put(input.kind(), manifest.map(Manifest::id).orElse(null));
    }
    // What is read itself counts, even unknown, not one of its kind that something else came from.
    parents.putAll(read);
    parents.values().removeIf(Objects::isNull);
    if (stage == RunStage.TRAIN_FLOW) {
      PreviousFlow.id(spark, config).ifPresent(id -> parents.put(PreviousFlow.PARENT, id));
    }
    return parents;
  }

  /** Refuses an output if it is known that it was made of another model or table of the run. */
  static void requireCurrent(SparkSession spark, Config config, RunStage output)
      throws IOException {
    Optional<Manifest> made = manifest(spark, config, output);
    for (RunStage of : EnumSet.range(RunStage.INGEST, RunStage.TRAIN_FLOW)) {
      String before = made.map(manifest -> manifest.parents().get(of.kind())).orElse(null);
      if (before != null && isThere(spark, config, of.path())) {
        String now = manifest(spark, config, of).map(Manifest::id).orElse(before);
        if (!before.equals(now)) {
          String place = config.getString(output.path());
          throw new InvalidInputException(
              "%s is of %s %s, not of %s in %s: run %s.sh --overwrite"
                  .formatted(
                      place, of.kind(), before, now, config.getString(of.path()), output.job()));
        }
      }
    }
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

  /** Refuses images of another shape than the model takes that the setting {@code key} names. */
  static void requireSame(ImageTable images, ImageShape expected, Config config, String key) {
    requireSame("images", shape(images), images.name(), expected, config.getString(key));
  }

  /** The networks' word for the images' shape. */
  static ImageShape shape(ImageTable images) {
    PixelLayout layout = images.layout();
    return new ImageShape(layout.channels(), layout.height(), layout.width());
  }

  private static Configuration hadoop(SparkSession spark) {
    return spark.sparkContext().hadoopConfiguration();
  }
}
