package dev.realnvp.jobs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.realnvp.autoencoder.ImageShape;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.StageProgress;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.Redaction;
import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.images.PixelLayout;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.ModelKinds;
import dev.realnvp.spark.model.StoredModel;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.spark.storage.TableSource;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.FeatureQuery;
import dev.realnvp.spark.table.Features;
import dev.realnvp.spark.table.PassedColumns;
import dev.realnvp.spark.training.TrainingPlan;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What jobs read, where the settings say it is. */
final class Inputs {

  /** The setting that names the columns of numbers to condition on. */
  static final String CONTEXT_COLS = "table.context-cols";

  /** The setting that names the columns that are features. */
  static final String FEATURES_COLS = "table.features-cols";

  /** The settings that say which of a table's columns are read, and which rows. */
  static final List<String> TABLE =
      List.of(
          "table.features-col",
          FEATURES_COLS,
          "table.id-col",
          "table.label-col",
          "table.no-label",
          "table.where",
          "table.hold-out",
          "skip-invalid",
          CONTEXT_COLS);

  private static final String READING = "reading";

  private Inputs() {}

  /** The embeddings to train on, by {@code paths.embeddings} and the settings of the table. */
  static EmbeddingTable trainingEmbeddings(SparkSession spark, Config config) {
    if (config.getBoolean("table.impute") && config.getBoolean("skip-invalid")) {
      throw new ConfigurationException(
          "settings table.impute and skip-invalid: got both, expected one of them");
    }
    EmbeddingQuery query =
        query(
            config,
            asked(config),
            contextCols(config),
            config.getString("table.weight-col"),
            Optional.empty(),
            Optional.empty());
    return embeddings(spark, config, place -> Embeddings.read(spark, place, query));
  }

  /** The features that the settings ask for. */
  private static FeatureQuery asked(Config config) {
    return new FeatureQuery(
        config.getString("table.features-col"),
        list(config, FEATURES_COLS),
        list(config, MarkedRows.KEY),
        config.getBoolean("table.impute"));
  }

  /** As {@link #embeddings(SparkSession, Config, StoredModel, RealNVP, Optional)}. */
  static EmbeddingTable embeddings(
      SparkSession spark, Config config, StoredModel model, RealNVP flow) {
    return embeddings(spark, config, model, flow, Optional.empty());
  }

  /**
   * The embeddings to show to a flow, by the same settings but for the weights. What the flow's
   * training learnt of the features is part of the flow.
   *
   * @param passed the columns that the rows keep
   * @return for a flow that is conditioned on numbers with these behind the features
   * @throws InvalidInputException also if they have not as many features as the flow
   */
  static EmbeddingTable embeddings(
      SparkSession spark,
      Config config,
      StoredModel model,
      RealNVP flow,
      Optional<PassedColumns> passed) {
    List<String> context = contextCols(config, model, flow);
    requireSameFeatures(config, model);
    EmbeddingQuery query =
        query(
            config,
            FlowModel.features(model, config.getString("table.features-col")),
            context,
            "",
            Optional.of(FlowModel.heldOut(model)),
            passed);
    EmbeddingTable table =
        embeddings(
            spark,
            config,
            place ->
                flow.context() == context.size()
                    ? Embeddings.read(spark, place, query)
                    : Embeddings.read(spark, place, query, FlowModel.names(model)));
    requireSame(
        "features",
        table.features() - context.size(),
        table.name(),
        flow.features(),
        config.getString("paths.flow"));
    return table;
  }

  /**
   * Which columns are features is part of a flow.
   *
   * @throws InvalidInputException if the settings name others
   */
  private static void requireSameFeatures(Config config, StoredModel model) {
    List<String> names = list(config, FEATURES_COLS);
    ConfigValue trained = Provenance.settings(model.manifest()).get(FEATURES_COLS);
    List<String> expected =
        trained == null ? List.of() : list(trained.atPath(FEATURES_COLS), FEATURES_COLS);
    if (!names.isEmpty() && !names.equals(expected)) {
      throw new InvalidInputException(
          "flow %s was trained on features from %s; got %s (%s), expected the same or none"
              .formatted(
                  model.manifest().id(),
                  expected.isEmpty() ? "a column of vectors" : expected,
                  names,
                  FEATURES_COLS));
    }
  }

  /** The same, with labels of their own: strings are numbered in the table's order. */
  static EmbeddingTable embeddings(SparkSession spark, Config config) {
    EmbeddingQuery query =
        query(config, asked(config), List.of(), "", Optional.empty(), Optional.empty());
    return embeddings(spark, config, place -> Embeddings.read(spark, place, query));
  }

  private static EmbeddingTable embeddings(
      SparkSession spark, Config config, Function<String, EmbeddingTable> reading) {
    EmbeddingTable table =
        StageProgress.during(
            spark, READING, () -> reading.apply(config.getString("paths.embeddings")));
    if (table.skipped() > 0) {
      Console.say("left out %,d rows with NaN or infinite values", table.skipped());
    }
    return table;
  }

  /** The images that a setting names. */
  static ImageTable images(SparkSession spark, Config config, String key) {
    return StageProgress.during(spark, READING, () -> Images.read(spark, config.getString(key)));
  }

  /** The columns of the numbers to condition on, by {@code table.context-cols}. */
  static List<String> contextCols(Config config) {
    return list(config, CONTEXT_COLS);
  }

  /** A setting's names of columns, separated by commas. */
  static List<String> list(Config config, String key) {
    return Arrays.stream(config.getString(key).split(","))
        .map(String::trim)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  /**
   * The columns of the numbers that a flow is conditioned on: those that the settings name, or else
   * the names that they had in its training.
   *
   * @return none for a flow that is conditioned on classes, or on nothing
   * @throws InvalidInputException if they are not as many as the flow takes
   */
  static List<String> contextCols(Config config, StoredModel model, RealNVP flow) {
    boolean numbers = FlowModel.isConditionedOnNumbers(model);
    List<String> set = contextCols(config);
    List<String> names = set.isEmpty() && numbers ? FlowModel.contextCols(model) : set;
    int expected = numbers ? flow.context() : 0;
    if (names.size() != expected) {
      throw new InvalidInputException(
          "flow %s is conditioned on %d numbers per row; got %s, expected as many columns (%s)"
              .formatted(model.manifest().id(), expected, names, CONTEXT_COLS));
    }
    return names;
  }

  /**
   * The query by the settings.
   *
   * @param trained the share of the rows that the flow's training held out: by default the same
   *     rows are, of however many rows they are now part
   */
  private static EmbeddingQuery query(
      Config config,
      Features features,
      List<String> context,
      String weight,
      Optional<Double> trained,
      Optional<PassedColumns> passed) {
    return new EmbeddingQuery(
        features,
        context,
        list(config, "table.id-col"),
        config.getString("table.label-col"),
        config.getBoolean("table.no-label"),
        weight,
        config.getString("table.where"),
        config.getBoolean("skip-invalid") ? InvalidRows.SKIP : InvalidRows.REFUSE,
        TrainingPlan.chosen(config, "table.hold-out")
            .map(set -> config.getDouble("table.hold-out"))
            .or(() -> trained),
        passed);
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
    return table(spark, files.paths());
  }

  /** The table in a folder; what else is in it, pictures and other tables, is passed over. */
  static Dataset<Row> table(SparkSession spark, String folder) {
    return table(spark, new String[] {folder});
  }

  private static Dataset<Row> table(SparkSession spark, String[] paths) {
    return ParquetFiles.reader(spark).option("pathGlobFilter", "*.parquet").parquet(paths);
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
   * The settings, and where they leave open which table the run is of, how its flow was trained: if
   * there is nothing where {@code paths.embeddings} says, the table that the flow's manifest names;
   * and the flow's columns and predicate for those that have the default.
   *
   * @throws InvalidInputException if the flow's manifest is damaged
   */
  static Config asTrained(SparkSession spark, Config config) throws IOException {
    Optional<Manifest> manifest =
        isThere(spark, config, RunStage.TRAIN_FLOW.path())
            ? manifest(spark, config, RunStage.TRAIN_FLOW)
            : Optional.empty();
    if (manifest.isEmpty()) {
      return config;
    }
    Config trained = config;
    if (manifest.get().config().get(Provenance.TABLES) instanceof Map<?, ?> tables
        && tables.get(RunStage.EXTRACT_EMBEDDINGS.kind()) instanceof String table
        && !isThere(spark, config, "paths.embeddings")) {
      trained = trained.withValue("paths.embeddings", ConfigValueFactory.fromAnyRef(table));
    }
    Map<String, ConfigValue> settings = Provenance.settings(manifest.get());
    Config defaults = Defaults.resolved();
    for (String key : TABLE) {
      if (settings.containsKey(key) && config.getValue(key).equals(defaults.getValue(key))) {
        trained = trained.withValue(key, settings.get(key));
      }
    }
    return trained;
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
            files.places().size() > 1
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
