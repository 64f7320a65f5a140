package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;

import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.jobs.images.Pictures;
import dev.realnvp.jobs.report.RunFacts;
import dev.realnvp.jobs.report.Scores;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.jobs.run.TableRows;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.Explanations;
import dev.realnvp.spark.inference.FlowScorer;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.summary.Histogram;
import dev.realnvp.spark.summary.LabelledVector;
import dev.realnvp.spark.summary.ValueRange;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Schemas;
import dev.realnvp.spark.table.Split;
import dev.realnvp.stored.FeatureColumns;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a report shows of a run's embeddings and scores: a bounded number of rows comes to the
 * driver, all else is counted on the executors.
 */
final class RunDensities {

  private static final String LOG_PROB = "log_prob";
  private static final String ANOMALY_SCORE = "anomaly_score";

  private static final int ROWS = 2000;
  private static final int BINS = 60;
  private static final int STRANGEST = 10;

  /** Of a standard normal's values, fewer than one in ten thousand are further from 0. */
  private static final double FARTHEST_Z = 4;

  private final Run run;
  private final Optional<Dataset<Row>> compared;
  private EmbeddingTable table;

  /**
   * @throws InvalidInputException as {@link #compared}
   */
  RunDensities(Run run) throws IOException {
    this.run = run;
    this.compared = compared(run);
  }

  /**
   * The table to compare with, if one is named.
   *
   * @throws InvalidInputException if it is none of scores
   */
  static Optional<Dataset<Row>> compared(Run run) throws IOException {
    if (run.place("report.compare").isEmpty()) {
      return Optional.empty();
    }
    Dataset<Row> table = run.table("report.compare");
    if (!List.of(table.columns()).contains(LOG_PROB)) {
      throw new InvalidInputException(
          "%s has no column %s, only %s"
              .formatted(run.place("report.compare"), LOG_PROB, List.of(table.columns())));
    }
    return Optional.of(table);
  }

  /** Where the flow takes the rows. */
  RunFacts.BaseSpaceRows base() throws IOException {
    StoredModel model = run.model(RunStage.TRAIN_FLOW);
    FlowModel.requireClassesOrNone(model);
    RealNVP flow = RealNVP.of(model.network());
    String split = TableRows.heldOut(table());
    List<LabelledVector> some = LabelledVector.sample(table(), split, ROWS);
    Histogram values = Histogram.of(latents(flow, some), -FARTHEST_Z, FARTHEST_Z, BINS);
    return new RunFacts.BaseSpaceRows(split, some.size(), flow.features(), values);
  }

  private static float[] latents(RealNVP flow, List<LabelledVector> rows) {
    int features = flow.features();
    float[] values = new float[Math.multiplyExact(rows.size(), features)];
    int[] classes = new int[rows.size()];
    for (int i = 0; i < classes.length; i++) {
      LabelledVector row = rows.get(i);
      System.arraycopy(row.values(), 0, values, i * features, features);
      if (flow.context() > 0) {
        if (row.label() == null || row.label() < 0 || row.label() >= flow.context()) {
          throw new InvalidInputException(
              "a row has label %s; the flow takes 0 to %d"
                  .formatted(row.label(), flow.context() - 1));
        }
        classes[i] = row.label();
      }
    }
    Context context =
        flow.context() == 0 ? Context.NONE : new Context.Classes(classes, flow.context());
    return FlowEngine.of(flow).toLatent(values, context, rows.size());
  }

  private synchronized EmbeddingTable table() throws IOException {
    if (table == null) {
      Optional<StoredModel> flow =
          run.isThere(RunStage.TRAIN_FLOW.path())
              ? Optional.of(run.model(RunStage.TRAIN_FLOW))
                  .filter(model -> !FlowModel.isConditionedOnNumbers(model))
              : Optional.empty();
      table = flow.isPresent() ? TableRows.shownTo(run, flow.get()) : TableRows.alone(run);
    }
    return table;
  }

  /** What there is to say of the table itself. */
  RunFacts.Data data() throws IOException {
    EmbeddingTable table = table();
    return new RunFacts.Data(
        table.name(),
        table.splits(),
        table.features(),
        table.classes(),
        table.skipped(),
        table.encoder().learnt().imputed(),
        table.fingerprint());
  }

  /**
   * How likely and how strange the rows of each split are, and those of the table to compare with.
   *
   * @param threshold of the anomaly score; null if there is none
   * @param classNames in their order; empty if the classes are numbers
   */
  Scores scores(RunFacts.Threshold threshold, List<String> classNames) throws IOException {
    Dataset<Row> scores = run.table("paths.scores");
    Map<String, Dataset<Row>> tables = new LinkedHashMap<>();
    for (String split : List.of(Split.TRAIN, Split.TEST)) {
      tables.put(split, scores.where(col("split").equalTo(split)));
    }
    compared.ifPresent(table -> tables.put(run.place("report.compare"), table));
    ValueRange range =
        range(scores, LOG_PROB)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        run.place("paths.scores") + " has no finite " + LOG_PROB));
    Optional<ValueRange> anomalies =
        has(scores, ANOMALY_SCORE) ? range(scores, ANOMALY_SCORE) : Optional.empty();
    if (threshold != null && Double.isFinite(threshold.value())) {
      anomalies =
          anomalies.map(
              some -> some.widenedFor(new ValueRange(threshold.value(), threshold.value())));
    }
    List<Scores.StrangeRow> strangest = strangest(scores, classNames);
    return new Scores(
        histograms(tables, LOG_PROB, range),
        anomalies.map(some -> histograms(tables, ANOMALY_SCORE, some)).orElse(List.of()),
        strangest,
        RunReader.content(() -> pictures(strangest)));
  }

  private static boolean has(Dataset<Row> rows, String column) {
    return List.of(rows.columns()).contains(column);
  }

  private static List<Scores.Table> histograms(
      Map<String, Dataset<Row>> tables, String column, ValueRange range) {
    List<Scores.Table> counted = new ArrayList<>();
    tables.forEach(
        (name, table) -> {
          if (has(table, column)) {
            Histogram histogram = Histogram.of(table, column, range.low(), range.high(), BINS);
            if (histogram.total() > 0) {
              counted.add(new Scores.Table(name, histogram));
            }
          }
        });
    return counted;
  }

  /** Those without a density first, then by anomaly score; by density if there are no scores. */
  private List<Scores.StrangeRow> strangest(Dataset<Row> scores, List<String> classNames)
      throws IOException {
    FeatureColumns columns =
        run.isThere(RunStage.TRAIN_FLOW.path())
            ? FlowModel.features(run.model(RunStage.TRAIN_FLOW), "").learnt()
            : FeatureColumns.NONE;
    return scores
        .select(
            id(scores),
            col("split"),
            FlowScorer.label(scores),
            col("predicted_label"),
            col(LOG_PROB),
            has(scores, ANOMALY_SCORE) ? col(ANOMALY_SCORE) : lit(null).cast("double"),
            has(scores, Explanations.COLUMN)
                ? col(Explanations.COLUMN)
                : lit(null).cast(Explanations.TYPE))
        .toDF("id", "split", "label", "likeliest", "log_prob", "score", "explanation")
        .orderBy(col("log_prob").isNotNull(), col("score").desc(), col("log_prob"), col("id"))
        .limit(STRANGEST)
        .collectAsList()
        .stream()
        .map(
            row ->
                new Scores.StrangeRow(
                    row.getString(0),
                    row.getString(1),
                    row.isNullAt(2) ? "" : RunFacts.className(classNames, row.getInt(2)),
                    row.isNullAt(3) ? "" : RunFacts.className(classNames, row.getInt(3)),
                    row.getAs(4),
                    row.getAs(5),
                    row.isNullAt(6) ? List.of() : Explanations.repairs(row.getList(6)),
                    row.isNullAt(6) ? List.of() : Explanations.features(row.getList(6)),
                    columns))
        .toList();
  }

  /** The columns that name a row, as one text; empty without any. */
  private Column id(Dataset<Row> scores) {
    List<String> named = run.table().ids();
    Column[] ids =
        (named.isEmpty() ? List.of("id") : named)
            .stream()
                .filter(name -> has(scores, name))
                .map(name -> Schemas.column(name).cast("string"))
                .toArray(Column[]::new);
    return concat_ws(", ", ids);
  }

  /**
   * Of the rows that have images, if there is an autoencoder whose code their embeddings can be.
   *
   * @throws InvalidInputException if it is another one than the embeddings are of
   */
  private Map<String, byte[]> pictures(List<Scores.StrangeRow> strangest) throws IOException {
    for (String key : List.of("paths.images", "paths.autoencoder", "paths.embeddings")) {
      if (strangest.isEmpty() || !run.isThere(key)) {
        return Map.of();
      }
    }
    StoredModel model = run.model(RunStage.TRAIN_AUTOENCODER);
    String coder =
        run.manifest(RunStage.EXTRACT_EMBEDDINGS)
            .map(manifest -> manifest.parents().get(ModelDirectory.AUTOENCODER))
            .orElse(null);
    if (coder != null && !coder.equals(model.manifest().id())) {
      throw new InvalidInputException(
          "the embeddings are of autoencoder %s, not of %s in %s"
              .formatted(coder, model.manifest().id(), run.place("paths.autoencoder")));
    }
    Autoencoder autoencoder = Autoencoder.of(model.network());
    Pictures pictures = new Pictures(run, autoencoder);
    if (!pictures.possible()
        || autoencoder.code() != table().features()
        || !strangest.stream().allMatch(row -> row.id().matches("-?\\d{1,18}"))) {
      return Map.of();
    }
    List<LabelledVector> embeddings =
        LabelledVector.collect(
            table()
                .rows()
                .where(
                    col("id")
                        .isin(strangest.stream().map(row -> Long.valueOf(row.id())).toArray())));
    return run.reading("paths.images", () -> pictures.repairs(strangest, embeddings));
  }

  private Optional<ValueRange> range(Dataset<Row> scores, String column) {
    return ValueRange.of(scores, column)
        .map(
            range ->
                compared
                    .filter(table -> has(table, column))
                    .flatMap(table -> ValueRange.of(table, column))
                    .map(range::widenedFor)
                    .orElse(range)
                    .withWidth());
  }
}
