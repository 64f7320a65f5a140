package dev.realnvp.jobs.run;

import com.typesafe.config.ConfigValue;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.StageProgress;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Schemas;
import dev.realnvp.spark.table.Split;
import dev.realnvp.spark.table.TableInput;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** The rows of a run's table, as it is requested: to train on, or to show to a flow. */
public final class TableRows {

  /** The setting that names the earlier scores. */
  public static final String NEWER_THAN = "score.newer-than";

  /** The setting that names the column by which rows are newer. */
  public static final String NEWER_BY = "score.newer-by";

  private TableRows() {}

  /** The rows to train on, with their weights. */
  public static EmbeddingTable training(Run run) {
    run.table().requireTrainable();
    return read(run, run.table().context(), run.table().weight());
  }

  /** The rows with labels of their own: strings are numbered in the table's order. */
  public static EmbeddingTable alone(Run run) {
    return read(run, List.of(), "");
  }

  private static EmbeddingTable read(Run run, List<String> context, String weight) {
    EmbeddingQuery query =
        run.table()
            .query(run.table().features(), context, weight, Optional.empty(), Optional.empty());
    return read(run, () -> Embeddings.read(run.spark(), run.table().place(), query));
  }

  /** As {@link #shownTo(Run, StoredModel, Optional)}, without other columns. */
  public static EmbeddingTable shownTo(Run run, StoredModel model) throws IOException {
    return shownTo(run, model, Optional.empty());
  }

  /**
   * The rows to show to a flow, without weights. What its training learnt of the features is part
   * of the flow.
   *
   * @param passed the columns that the rows keep
   * @return for a flow that is conditioned on numbers with these behind the features
   * @throws InvalidInputException also if they have not as many features as the flow, or are of
   *     another autoencoder than those that it was trained on
   */
  public static EmbeddingTable shownTo(
      Run run, StoredModel model, Optional<EmbeddingQuery.Passed> passed) throws IOException {
    RealNVP flow = RealNVP.of(model.network());
    List<String> context = contextCols(run, model);
    requireSameFeatures(run, model);
    requireSameAutoencoder(run, model);
    EmbeddingQuery query =
        run.table()
            .query(
                FlowModel.features(model, run.table().vector()),
                context,
                "",
                Optional.of(FlowModel.heldOut(model)),
                passed);
    String place = run.table().place();
    EmbeddingTable table =
        read(
            run,
            () ->
                flow.context() == context.size()
                    ? Embeddings.read(run.spark(), place, query)
                    : Embeddings.read(run.spark(), place, query, FlowModel.names(model)));
    Run.requireSame(
        "features",
        table.features() - context.size(),
        table.name(),
        flow.features(),
        run.place(RunStage.TRAIN_FLOW.path()));
    return table;
  }

  private static EmbeddingTable read(Run run, Supplier<EmbeddingTable> reading) {
    EmbeddingTable table = StageProgress.during(run.spark(), Run.READING, reading);
    if (table.skipped() > 0) {
      Console.say("left out %,d rows with NaN or infinite values", table.skipped());
    }
    return table;
  }

  /**
   * Which columns are features is part of a flow.
   *
   * @throws InvalidInputException if the request names others
   */
  private static void requireSameFeatures(Run run, StoredModel model) {
    String key = TableRequest.FEATURES_COLS;
    List<String> names = TableRequest.list(run.table().settings(), key);
    ConfigValue trained = Provenance.settings(model.manifest()).get(key);
    List<String> expected =
        trained == null ? List.of() : TableRequest.list(trained.atPath(key), key);
    if (!names.isEmpty() && !names.equals(expected)) {
      throw new InvalidInputException(
          "flow %s was trained on features from %s; got %s (%s), expected the same or none"
              .formatted(
                  model.manifest().id(),
                  expected.isEmpty() ? "a column of vectors" : expected,
                  names,
                  key));
    }
  }

  /**
   * Embeddings of the same width by another autoencoder mean something else.
   *
   * @throws InvalidInputException if the manifests of the flow and of the table name two
   */
  private static void requireSameAutoencoder(Run run, StoredModel model) throws IOException {
    String learnt = model.manifest().parents().get(ModelDirectory.AUTOENCODER);
    Optional<Manifest> table = run.manifest(RunStage.EXTRACT_EMBEDDINGS);
    String got = table.map(of -> of.parents().get(ModelDirectory.AUTOENCODER)).orElse(learnt);
    if (learnt != null && !learnt.equals(got)) {
      throw new InvalidInputException(
          "%s holds embeddings of autoencoder %s; flow %s was trained on those of %s: extract them again with that one, or train the flow on these"
              .formatted(run.table().place(), got, model.manifest().id(), learnt));
    }
  }

  /** The split to measure on: the test rows, or of a table without them the train rows. */
  public static String heldOut(EmbeddingTable table) {
    return table.splits().get(Split.TEST) > 0 ? Split.TEST : Split.TRAIN;
  }

  /** The columns of the ids: those that are requested, or else {@code id} if it is there. */
  public static List<String> ids(Run run) {
    List<String> named = run.table().ids();
    TableInput table = run.table().open(run.spark(), column -> false);
    boolean id = Schemas.find(table.rows().schema(), "id", table.name()).isPresent();
    return named.isEmpty() && id ? List.of("id") : named;
  }

  /**
   * The columns of the numbers that a flow is conditioned on: those that are requested, or else the
   * names that they had in its training.
   *
   * @return none for a flow that is conditioned on classes, or on nothing
   * @throws InvalidInputException if they are not as many as the flow takes
   */
  public static List<String> contextCols(Run run, StoredModel model) {
    boolean numbers = FlowModel.isConditionedOnNumbers(model);
    List<String> set = run.table().context();
    List<String> names = set.isEmpty() && numbers ? FlowModel.contextCols(model) : set;
    int expected = numbers ? RealNVP.of(model.network()).context() : 0;
    if (names.size() != expected) {
      throw new InvalidInputException(
          "flow %s is conditioned on %d numbers per row; got %s, expected as many columns (%s)"
              .formatted(model.manifest().id(), expected, names, TableRequest.CONTEXT_COLS));
    }
    return names;
  }

  /**
   * The run with the rows of its table alone that are newer than those that were scored before:
   * their value of a column, a day or a number that only grows, is greater than the greatest there.
   * Who scores a growing table each night needs no others. A row without a value there, or with one
   * that is not finite, is never newer. With all rows if no earlier scores are named.
   *
   * @throws ConfigurationException if one of the two settings is missing
   * @throws InvalidInputException if the earlier scores do not exist, or lack the column, or have
   *     no value there
   */
  public static Run newer(Run run) throws IOException {
    String than = run.place(NEWER_THAN);
    String by = run.config().getString(NEWER_BY);
    if (than.isEmpty() != by.isEmpty()) {
      throw new ConfigurationException(
          "settings %s and %s: got \"%s\" and \"%s\", expected both or neither"
              .formatted(NEWER_THAN, NEWER_BY, than, by));
    }
    if (than.isEmpty()) {
      return run;
    }
    Dataset<Row> before = run.table(NEWER_THAN);
    if (Schemas.find(before.schema(), by, than).isEmpty()) {
      throw new InvalidInputException(
          "%s has no column '%s', only %s"
              .formatted(than, by, String.join(", ", before.columns())));
    }
    String name = Schemas.quoted(by);
    DataType type = before.select(Schemas.column(by)).schema().apply(0).dataType();
    // NaN is greater than all numbers. Local times come twice when clocks are put back.
    boolean fraction = type == DataTypes.DoubleType || type == DataTypes.FloatType;
    boolean instant = type == DataTypes.TimestampType;
    Dataset<Row> finite = fraction ? before.where("abs(%s) < 'Infinity'".formatted(name)) : before;
    String most = (instant ? "unix_micros(max(%s))" : "max(%s)").formatted(name);
    Row greatest = run.reading(NEWER_THAN, () -> finite.selectExpr(most).first());
    if (greatest.isNullAt(0)) {
      throw new InvalidInputException("%s has no value of '%s'".formatted(than, by));
    }
    String literal = Literal$.MODULE$.apply(greatest.get(0)).sql();
    String newer =
        "%s > %s".formatted(name, instant ? "timestamp_micros(%s)".formatted(literal) : literal)
            + (fraction ? " and %s < 'Infinity'".formatted(name) : "");
    return run.with(run.table().and(newer));
  }

  /**
   * Whether the table has none of the rows that {@link #newer} asks for; false if it asks for all.
   *
   * @throws InvalidInputException if the table lacks the column
   */
  public static boolean hasNoneNewer(Run run) {
    if (run.place(NEWER_THAN).isEmpty()) {
      return false;
    }
    TableInput newer = run.table().open(run.spark(), column -> false);
    return newer.reading(() -> newer.rows().isEmpty());
  }
}
