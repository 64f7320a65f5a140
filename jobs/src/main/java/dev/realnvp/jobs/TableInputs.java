package dev.realnvp.jobs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.StageProgress;
import dev.realnvp.model.Manifest;
import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.model.ModelKinds;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Features;
import dev.realnvp.spark.table.HoldOut;
import dev.realnvp.spark.table.ParquetInput;
import dev.realnvp.spark.table.Schemas;
import dev.realnvp.spark.table.TableInput;
import dev.realnvp.spark.training.TrainingPlan;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.spark.sql.SparkSession;

/** The tables of rows that flows read, by the settings that say which rows and columns. */
final class TableInputs {

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

  private TableInputs() {}

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
  private static Features asked(Config config) {
    return Features.of(
        config.getString("table.features-col"),
        list(config, FEATURES_COLS),
        config.getBoolean("table.impute"));
  }

  /** As {@link #embeddings(SparkSession, Config, StoredModel, RealNVP, Optional)}. */
  static EmbeddingTable embeddings(
      SparkSession spark, Config config, StoredModel model, RealNVP flow) throws IOException {
    return embeddings(spark, config, model, flow, Optional.empty());
  }

  /**
   * The embeddings to show to a flow, by the same settings but for the weights. What the flow's
   * training learnt of the features is part of the flow.
   *
   * @param passed the columns that the rows keep
   * @return for a flow that is conditioned on numbers with these behind the features
   * @throws InvalidInputException also if they have not as many features as the flow, or are of
   *     another autoencoder than those that it was trained on
   */
  static EmbeddingTable embeddings(
      SparkSession spark,
      Config config,
      StoredModel model,
      RealNVP flow,
      Optional<EmbeddingQuery.Passed> passed)
      throws IOException {
    List<String> context = contextCols(config, model, flow);
    requireSameFeatures(config, model);
    requireSameAutoencoder(spark, config, model);
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
    Inputs.requireSame(
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

  /**
   * Embeddings of the same width by another autoencoder mean something else.
   *
   * @throws InvalidInputException if the manifests of the flow and of the table name two
   */
  private static void requireSameAutoencoder(SparkSession spark, Config config, StoredModel model)
      throws IOException {
    String learnt = model.manifest().parents().get(ModelKinds.AUTOENCODER);
    Optional<Manifest> table = Inputs.manifest(spark, config, RunStage.EXTRACT_EMBEDDINGS);
    String got = table.map(of -> of.parents().get(ModelKinds.AUTOENCODER)).orElse(learnt);
    if (learnt != null && !learnt.equals(got)) {
      throw new InvalidInputException(
          "%s holds embeddings of autoencoder %s; flow %s was trained on those of %s: extract them again with that one, or train the flow on these"
              .formatted(config.getString("paths.embeddings"), got, model.manifest().id(), learnt));
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
            spark, Inputs.READING, () -> reading.apply(config.getString("paths.embeddings")));
    if (table.skipped() > 0) {
      Console.say("left out %,d rows with NaN or infinite values", table.skipped());
    }
    return table;
  }

  /** The columns of the numbers to condition on, by {@code table.context-cols}. */
  static List<String> contextCols(Config config) {
    return list(config, CONTEXT_COLS);
  }

  /** The columns of the ids: those that the settings name, or else {@code id} if it is there. */
  static List<String> ids(SparkSession spark, Config config) {
    List<String> named = list(config, "table.id-col");
    TableInput table = ParquetInput.open(spark, config.getString("paths.embeddings"));
    boolean id = Schemas.find(table.rows().schema(), "id", table.name()).isPresent();
    return named.isEmpty() && id ? List.of("id") : named;
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
   * @param trained which rows the flow's training held out: by default the same rows are, of
   *     however many rows they are now part
   */
  private static EmbeddingQuery query(
      Config config,
      Features features,
      List<String> context,
      String weight,
      Optional<HoldOut> trained,
      Optional<EmbeddingQuery.Passed> passed) {
    return new EmbeddingQuery(
        features,
        context,
        list(config, "table.id-col"),
        config.getString("table.label-col"),
        config.getBoolean("table.no-label"),
        weight,
        list(config, MarkedRows.KEY),
        config.getString("table.where"),
        config.getBoolean("skip-invalid") ? InvalidRows.SKIP : InvalidRows.REFUSE,
        TrainingPlan.chosen(config, "table.hold-out")
            .map(
                set ->
                    new HoldOut(
                        config.getDouble("table.hold-out"), trained.flatMap(HoldOut::copies)))
            .or(() -> trained),
        passed);
  }

  /**
   * The settings, and where they leave open which table the run is of, how its flow was trained: if
   * there is nothing where {@code paths.embeddings} says, the table that the flow's manifest names;
   * and the flow's columns and predicate for those that have the default.
   *
   * @throws InvalidInputException if the flow's manifest is damaged
   */
  static Config asTrained(SparkSession spark, Config config) throws IOException {
    Config defaults = Defaults.resolved();
    return trained(spark, config, key -> config.getValue(key).equals(defaults.getValue(key)));
  }

  /** The settings; those of {@link #asTrained} if they name no table that is there. */
  static Config orAsTrained(SparkSession spark, Config config) throws IOException {
    return Inputs.isThere(spark, config, "paths.embeddings") ? config : asTrained(spark, config);
  }

  /**
   * The settings, with the table that the flow was trained on, as {@link #asTrained} finds it, and
   * its columns and predicate, whatever the settings say of another one.
   */
  static Config learnt(SparkSession spark, Config config) throws IOException {
    return trained(spark, config, key -> true);
  }

  /**
   * The settings for another table than the run's, of rows that are like those that the flow was
   * trained on: only their features count.
   *
   * @param key of the setting that says where it is
   */
  static Config like(SparkSession spark, Config config, String key) throws IOException {
    Config like = asTrained(spark, config.withValue("paths.embeddings", config.getValue(key)));
    Config defaults = Defaults.resolved();
    for (String name : List.of("table.id-col", "table.label-col")) {
      like = like.withValue(name, defaults.getValue(name));
    }
    return like.withValue("table.no-label", ConfigValueFactory.fromAnyRef(true));
  }

  /**
   * @param replaced which settings of the table are the flow's
   */
  private static Config trained(SparkSession spark, Config config, Predicate<String> replaced)
      throws IOException {
    Optional<Manifest> manifest =
        Inputs.isThere(spark, config, RunStage.TRAIN_FLOW.path())
            ? Inputs.manifest(spark, config, RunStage.TRAIN_FLOW)
            : Optional.empty();
    if (manifest.isEmpty()) {
      return config;
    }
    Config trained = config;
    if (manifest.get().config().get(Provenance.TABLES) instanceof Map<?, ?> tables
        && tables.get(RunStage.EXTRACT_EMBEDDINGS.kind()) instanceof String table
        && !Inputs.isThere(spark, config, "paths.embeddings")) {
      trained = trained.withValue("paths.embeddings", ConfigValueFactory.fromAnyRef(table));
    }
    Map<String, ConfigValue> settings = Provenance.settings(manifest.get());
    for (String key : TABLE) {
      if (settings.containsKey(key) && replaced.test(key)) {
        trained = trained.withValue(key, settings.get(key));
      }
    }
    return trained;
  }
}
