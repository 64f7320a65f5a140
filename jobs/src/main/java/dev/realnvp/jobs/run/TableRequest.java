package dev.realnvp.jobs.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.realnvp.flow.column.KindChoice;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.Manifest;
import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.Features;
import dev.realnvp.spark.table.HoldOut;
import dev.realnvp.spark.table.TableInput;
import dev.realnvp.spark.table.Tables;
import dev.realnvp.spark.text.TextHints;
import dev.realnvp.spark.training.TrainingPlan;
import dev.realnvp.stored.FeatureColumns;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.spark.sql.SparkSession;

/**
 * Which table a job reads, which of its columns, and which rows.
 *
 * @param place its path or paths, or its name in Spark's catalog, with the version to read
 * @param settings that say so: the columns, the predicate, and the rows to hold out
 */
public record TableRequest(String place, Config settings) {

  /** The setting that says where the table is. */
  public static final String PLACE = "paths.embeddings";

  /** The setting that names the columns of numbers to condition on. */
  public static final String CONTEXT_COLS = "table.context-cols";

  /** The setting that names the columns that are features. */
  public static final String KINDS = "table.column-kinds";

  public static final String FEATURES_COLS = "table.features-cols";

  /** The setting that names the columns that mark anomalies, and so are read as nothing else. */
  public static final String MARKS = "evaluate.anomaly-col";

  /** The setting that has types of columns in text files. */
  public static final String TYPES = "table.types";

  private static final String ID_COL = "table.id-col";
  private static final String LABEL_COL = "table.label-col";
  private static final String NO_LABEL = "table.no-label";
  private static final String WHERE = "table.where";

  /** The settings that a flow's training leaves to those who read the same rows. */
  public static final List<String> KEYS =
      List.of(
          "table.features-col",
          FEATURES_COLS,
          KINDS,
          ID_COL,
          LABEL_COL,
          NO_LABEL,
          WHERE,
          TYPES,
          "table.missing",
          "table.hold-out",
          "skip-invalid",
          CONTEXT_COLS);

  public static TableRequest of(Config config) {
    Config settings = config.withOnlyPath("table");
    for (String key : List.of("skip-invalid", MARKS)) {
      settings = settings.withFallback(config.withOnlyPath(key));
    }
    return new TableRequest(config.getString(PLACE), settings);
  }

  public TableRequest at(String other) {
    return new TableRequest(other, settings);
  }

  private TableRequest with(String key, ConfigValue value) {
    return new TableRequest(place, settings.withValue(key, value));
  }

  /**
   * The same; settings that have their defaults as a flow was trained with them.
   *
   * @param there whether the table is there; otherwise it is the one that the flow was trained on,
   *     if the manifest names it
   */
  public TableRequest asTrained(Manifest flow, boolean there) {
    TableRequest trained = this;
    if (!there
        && flow.config().get(Provenance.TABLES) instanceof Map<?, ?> tables
        && tables.get(RunStage.EXTRACT_EMBEDDINGS.kind()) instanceof String table) {
      trained = at(table);
    }
    Map<String, ConfigValue> recorded = Provenance.settings(flow);
    for (String key : KEYS) {
      if (recorded.containsKey(key)
          && settings.getValue(key).equals(Defaults.resolved().getValue(key))) {
        trained = trained.with(key, recorded.get(key));
      }
    }
    return trained;
  }

  /** The same rows, of which only the features count. */
  public TableRequest featuresAlone() {
    return with(ID_COL, Defaults.resolved().getValue(ID_COL))
        .with(LABEL_COL, Defaults.resolved().getValue(LABEL_COL))
        .with(NO_LABEL, ConfigValueFactory.fromAnyRef(true));
  }

  /** Of the rows those that satisfy a predicate of Spark SQL too. */
  public TableRequest and(String predicate) {
    String both = where().isBlank() ? predicate : "(%s) and %s".formatted(where(), predicate);
    return with(WHERE, ConfigValueFactory.fromAnyRef(both));
  }

  /** The predicate that rows satisfy; empty for all. */
  public String where() {
    return settings.getString(WHERE);
  }

  /** The columns of the numbers to condition on; none if the request names none. */
  public List<String> context() {
    return list(settings, CONTEXT_COLS);
  }

  /** The columns that name a row; none if the request names none. */
  public List<String> ids() {
    return list(settings, ID_COL);
  }

  public String vector() {
    return settings.getString("table.features-col");
  }

  public Features features() {
    return new Features(
        vector(),
        list(settings, FEATURES_COLS),
        settings.getBoolean("table.impute"),
        kinds(),
        FeatureColumns.NONE);
  }

  /** None where there are no columns to have kinds, and where missing values are replaced. */
  private Optional<Map<String, KindChoice.Wish>> kinds() {
    try {
      Optional<Map<String, KindChoice.Wish>> kinds = KindChoice.wishes(settings.getString(KINDS));
      boolean asked = kinds.isPresent() && !kinds.get().isEmpty();
      return asked
              || !list(settings, FEATURES_COLS).isEmpty() && !settings.getBoolean("table.impute")
          ? kinds
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("setting %s: %s".formatted(KINDS, e.getMessage()), e);
    }
  }

  /**
   * What is known of the columns of text files.
   *
   * @throws ConfigurationException if types are not as Spark SQL declares them
   */
  public TextHints hints() {
    try {
      return TextHints.of(settings.getString(TYPES), settings.getString("table.missing"));
    } catch (IllegalArgumentException e) {
      throw Settings.wrong(
          settings,
          TYPES,
          "columns with types, such as 'zip string, price double' (%s)".formatted(e.getMessage()));
    }
  }

  /**
   * Opens it.
   *
   * @param reads whether a column may be read, beside those of the predicate
   */
  public TableInput open(SparkSession spark, Predicate<String> reads) {
    return Tables.open(spark, place, where(), reads, hints());
  }

  /** The column of the rows' weights in a training; empty if all count the same. */
  public String weight() {
    return settings.getString("table.weight-col");
  }

  /**
   * Checks that a training can read it.
   *
   * @throws ConfigurationException if missing values are to be replaced, and their rows left out,
   *     or kinds are said of columns that are none
   */
  public void requireTrainable() {
    if (kinds().isPresent() && list(settings, FEATURES_COLS).isEmpty()) {
      throw new ConfigurationException(
          "setting %s: got '%s', expected auto where %s is empty"
              .formatted(KINDS, settings.getString(KINDS), FEATURES_COLS));
    }
    if (kinds().isPresent() && settings.getBoolean("table.impute")) {
      throw new ConfigurationException(
          "settings table.impute and %s: got both, expected one of them".formatted(KINDS));
    }
    if (settings.getBoolean("table.impute") && settings.getBoolean("skip-invalid")) {
      throw new ConfigurationException(
          "settings table.impute and skip-invalid: got both, expected one of them");
    }
  }

  /**
   * The query for it.
   *
   * @param trained which rows the flow's training held out: by default the same rows are, of
   *     however many rows they are now part
   * @param passed the columns that rows keep
   */
  public EmbeddingQuery query(
      Features features,
      List<String> context,
      String weight,
      Optional<HoldOut> trained,
      Optional<EmbeddingQuery.Passed> passed) {
    return new EmbeddingQuery(
        features,
        context,
        ids(),
        settings.getString(LABEL_COL),
        settings.getBoolean(NO_LABEL),
        weight,
        list(settings, MARKS),
        where(),
        settings.getBoolean("skip-invalid") ? InvalidRows.SKIP : InvalidRows.REFUSE,
        TrainingPlan.chosen(settings, "table.hold-out")
            .map(
                set ->
                    new HoldOut(
                        settings.getDouble("table.hold-out"), trained.flatMap(HoldOut::copies)))
            .or(() -> trained),
        passed,
        hints());
  }

  /** A setting's names of columns, separated by commas. */
  public static List<String> list(Config config, String key) {
    return Arrays.stream(config.getString(key).split(","))
        .map(String::trim)
        .filter(name -> !name.isEmpty())
        .toList();
  }
}
