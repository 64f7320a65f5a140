package dev.realnvp.jobs.run;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.StageProgress;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.Redaction;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.ModelDirectory;
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
import org.apache.commons.io.function.IOSupplier;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a job reads: the models and tables of a run, by the settings that say where each is, and the
 * rows and columns of its table. Made once, when a job starts.
 */
public record Run(SparkSession spark, Config config, TableRequest table) {

  /** What is shown while a table is read. */
  public static final String READING = "reading";

  private static final String PARQUET = "*.parquet";

  /** A run whose table is requested as the settings say. */
  public static Run of(SparkSession spark, Config config) {
    return new Run(spark, config, TableRequest.of(config));
  }

  public Run with(TableRequest other) {
    return new Run(spark, config, other);
  }

  /**
   * The same run; what its table's request leaves open is as the flow was trained: the place, if
   * there is no table, and the settings that have their defaults.
   *
   * @throws InvalidInputException if the flow's manifest is damaged
   */
  public Run asTrained() throws IOException {
    Optional<Manifest> flow =
        isThere(RunStage.TRAIN_FLOW.path()) ? manifest(RunStage.TRAIN_FLOW) : Optional.empty();
    return flow.isEmpty() ? this : with(table.asTrained(flow.get(), isThere(TableRequest.PLACE)));
  }

  /** The same run; {@link #asTrained} if the settings name no table that is there. */
  public Run orAsTrained() throws IOException {
    return isThere(TableRequest.PLACE) ? this : asTrained();
  }

  /** Every setting, those of the table as requested. */
  public Config settings() {
    return table.settings().withFallback(config);
  }

  public String place(String key) {
    return key.equals(TableRequest.PLACE) ? table.place() : config.getString(key);
  }

  public Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }

  /** Whether there is anything where the setting says. */
  public boolean isThere(String key) throws IOException {
    return !(TableSource.find(spark, place(key)) instanceof TableSource.Missing);
  }

  public ImageTable images(String key) {
    return StageProgress.during(spark, READING, () -> Images.read(spark, place(key)));
  }

  /**
   * A table that another job wrote, where the setting says; pictures among its files are passed
   * over.
   */
  public Dataset<Row> table(String key) throws IOException {
    TableSource source = TableSource.find(spark, place(key));
    if (source instanceof TableSource.Catalogued catalogued) {
      return catalogued.table().read();
    }
    if (!(source instanceof TableSource.Files files)) {
      throw new InvalidInputException("there is no " + place(key) + " (setting " + key + ")");
    }
    files.requirePlain();
    ParquetFiles.requireRows(spark, files);
    return ParquetFiles.reader(spark, files)
        .option("pathGlobFilter", PARQUET)
        .parquet(files.paths());
  }

  /** The table in a folder; what else is in it, pictures and other tables, is passed over. */
  public static Dataset<Row> table(SparkSession spark, String folder) {
    return ParquetFiles.reader(spark).option("pathGlobFilter", PARQUET).parquet(folder);
  }

  /**
   * Reads where a setting says.
   *
   * @throws InvalidInputException if Spark fails, because the files are damaged say
   */
  public <T> T reading(String key, IOSupplier<T> reading) throws IOException {
    try {
      return reading.get();
    } catch (IOException | InvalidInputException e) {
      throw e;
    } catch (Exception e) {
      // Spark throws checked exceptions here without declaring them.
      String reason = ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("");
      throw new InvalidInputException("cannot read " + place(key) + " as Parquet: " + reason, e);
    }
  }

  public StoredModel model(RunStage stage) throws IOException {
    return ModelDirectory.read(hadoop(), place(stage.path()), stage.kind());
  }

  /**
   * Whether a run is of images: it has some, or a model of them, or its flow is of the embeddings
   * of an autoencoder.
   */
  public boolean isOfImages() throws IOException {
    for (RunStage stage :
        List.of(RunStage.INGEST, RunStage.TRAIN_AUTOENCODER, RunStage.TRAIN_CLASSIFIER)) {
      if (isThere(stage.path())) {
        return true;
      }
    }
    return isThere(RunStage.TRAIN_FLOW.path())
        && manifest(RunStage.TRAIN_FLOW)
            .map(flow -> flow.parents().containsKey(ModelDirectory.AUTOENCODER))
            .orElse(false);
  }

  /** The manifest of what a stage made; empty if it has none. */
  public Optional<Manifest> manifest(RunStage stage) throws IOException {
    return stage.trains()
        ? Manifests.ofModel(hadoop(), place(stage.path()))
        : Manifests.ofTable(spark, place(stage.path()));
  }

  /**
   * The tables that a stage reads and that are not the run's own, by kind: the places of files, or
   * names in Spark's catalog with the version that is read if their format has versions. None whose
   * place holds credentials, which is of no use without them.
   */
  public Map<String, String> tables(RunStage stage) throws IOException {
    Map<String, String> tables = new LinkedHashMap<>();
    for (RunStage input : stage.inputs()) {
      String place = place(input.path());
      if (input.trains() || place.equals(config.getString("run") + "/" + input.kind())) {
        continue;
      }
      TableSource source = TableSource.find(spark, place);
      if (source instanceof TableSource.Catalogued catalogued) {
        tables.put(input.kind(), catalogued.table().name());
      } else if (source instanceof TableSource.Files files) {
        boolean one = files.places().size() == 1 && files.base().isEmpty();
        tables.put(input.kind(), one ? files.places().get(0).status().getPath().toString() : place);
      }
    }
    tables.values().removeIf(place -> !Redaction.text(place).equals(place));
    return tables;
  }

  /** The ids, by kind, of what a stage reads and of what that came through, as far as known. */
  public Map<String, String> parents(RunStage stage) throws IOException {
    Map<String, String> read = new LinkedHashMap<>();
    Map<String, String> parents = new LinkedHashMap<>();
    for (RunStage input : stage.inputs()) {
      Optional<Manifest> manifest = manifest(input);
      manifest.ifPresent(m -> parents.putAll(m.parents()));
      read.put(input.kind(), manifest.map(Manifest::id).orElse(null));
    }
    // What is read itself counts, even unknown, not one of its kind that something else came from.
    parents.putAll(read);
    parents.values().removeIf(Objects::isNull);
    if (stage == RunStage.TRAIN_FLOW) {
      PreviousFlow.id(this).ifPresent(id -> parents.put(PreviousFlow.PARENT, id));
    }
    return parents;
  }

  /** Refuses an output if it is known that it was made of another model or table of the run. */
  public void requireCurrent(RunStage output) throws IOException {
    Optional<Manifest> made = manifest(output);
    for (RunStage of : EnumSet.range(RunStage.INGEST, RunStage.TRAIN_FLOW)) {
      String before = made.map(manifest -> manifest.parents().get(of.kind())).orElse(null);
      if (before != null && isThere(of.path())) {
        String now = manifest(of).map(Manifest::id).orElse(before);
        if (!before.equals(now)) {
          throw new InvalidInputException(
              "%s is of %s %s, not of %s in %s: run %s.sh --overwrite"
                  .formatted(
                      place(output.path()),
                      of.kind(),
                      before,
                      now,
                      place(of.path()),
                      output.job()));
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
  public static void requireSame(
      String what, Object got, String data, Object expected, String model) {
    if (!got.equals(expected)) {
      throw new InvalidInputException(
          data + " has " + what + " " + got + "; the model " + model + " takes " + expected);
    }
  }
}
