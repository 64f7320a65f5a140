package dev.realnvp.jobs.run;

import static org.apache.spark.sql.functions.col;

import com.typesafe.config.ConfigValue;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.scores.Detections;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.AnomalyRanking;
import dev.realnvp.spark.inference.Baselines;
import dev.realnvp.spark.inference.Explanations;
import dev.realnvp.spark.inference.FlowCalibrator;
import dev.realnvp.spark.inference.FlowScorer;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.spark.table.Schemas;
import dev.realnvp.spark.table.TableInput;
import dev.realnvp.stored.StoredModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/**
 * Rows of the run's table that a column marks as anomalies: how well are they told from the others?
 *
 * @param column of 0 and 1, or of false and true
 */
public record LabelledAnomalies(Run run, String column) {

  /**
   * Looks at the column, if one is named.
   *
   * @throws InvalidInputException if the table has no such column, or it holds anything but 0 and
   *     1, or only one of them
   */
  public static Optional<LabelledAnomalies> open(Run run) {
    String column = run.config().getString(TableRequest.MARKS);
    if (column.isEmpty()) {
      return Optional.empty();
    }
    TableInput table = run.table().open(run.spark(), column::equalsIgnoreCase);
    table.require(
        column,
        DataTypes.BooleanType,
        DataTypes.ByteType,
        DataTypes.ShortType,
        DataTypes.IntegerType,
        DataTypes.LongType,
        DataTypes.FloatType,
        DataTypes.DoubleType);
    List<String> values =
        table.reading(
            () ->
                table
                    .rows()
                    .select(Schemas.column(column).cast(DataTypes.DoubleType).as("value"))
                    .distinct()
                    .orderBy("value")
                    .limit(3)
                    .collectAsList()
                    .stream()
                    .map(row -> row.isNullAt(0) ? "null" : Double.toString(row.getDouble(0)))
                    .toList());
    if (!values.equals(List.of("0.0", "1.0"))) {
      throw new InvalidInputException(
          "Column '%s' of %s holds %s; expected 0 and 1, or false and true, and some of both"
              .formatted(column, table.name(), String.join(", ", values)));
    }
    return Optional.of(new LabelledAnomalies(run, column));
  }

  /**
   * Checks that a flow has not learnt the column, which would tell it the anomalies.
   *
   * @param classes that the flow is conditioned on
   * @throws InvalidInputException if it is a feature, the class, the weight or in the context
   */
  public void requireUnknownTo(StoredModel flow, int classes) {
    Map<String, ConfigValue> trained = Provenance.settings(flow.manifest());
    Set<String> learnt = FlowModel.features(flow, "").named();
    learnt.addAll(FlowModel.contextCols(flow));
    learnt.add(setting(trained, "table.weight-col", ""));
    if (classes > 0) {
      learnt.add(setting(trained, "table.label-col", "label"));
    }
    if (learnt.contains(column)) {
      throw new InvalidInputException(
          "flow %s has column '%s' as a feature, class, weight or context, and so knows the anomalies: train it again without, as pipeline.sh --anomaly-col does"
              .formatted(flow.manifest().id(), column));
    }
  }

  private static String setting(Map<String, ConfigValue> settings, String key, String usual) {
    String set = settings.containsKey(key) ? settings.get(key).unwrapped().toString() : "";
    return set.isEmpty() ? usual : set;
  }

  /** What the rows of the table have to keep. */
  public EmbeddingQuery.Passed passed() {
    return new EmbeddingQuery.Passed(List.of(column), false);
  }

  /**
   * The rows that are no anomalies.
   *
   * @param table that keeps {@link #passed}
   * @param split of which there have to be some
   */
  public EmbeddingTable others(EmbeddingTable table, String split) {
    return rows(table, split, 0);
  }

  /**
   * Scores both kinds of rows, and compares them.
   *
   * @param table that keeps {@link #passed}
   * @param split of the rows
   * @param detector as {@code scores/} was made with; null if the flow has no calibration
   * @param baselines of the train rows
   * @throws InvalidInputException if the split has no row of one kind
   */
  public Detections compare(
      StoredModel flow,
      EmbeddingTable table,
      String split,
      AnomalyDetector detector,
      Baselines baselines) {
    Detections.Scored[] kinds = new Detections.Scored[2];
    for (int kind = 0; kind < 2; kind++) {
      EmbeddingTable rows = rows(table, split, kind);
      kinds[kind] =
          scored(run, flow, rows.split(split), rows.splits().get(split), detector, baselines);
    }
    return Detections.of(
        null, column, kinds[0], kinds[1], detector == null ? Double.NaN : detector.threshold());
  }

  private EmbeddingTable rows(EmbeddingTable table, String split, int kind) {
    EmbeddingTable rows =
        table.where(
            col(Embeddings.PASSED).getField(column).cast(DataTypes.DoubleType).equalTo(kind),
            "%s = %d".formatted(column, kind));
    if (rows.splits().get(split) == 0) {
      throw new InvalidInputException(
          "%s has no rows of split '%s'; expected some to compare".formatted(rows.name(), split));
    }
    return rows;
  }

  /**
   * Scores rows, or of many a sample.
   *
   * @param rows with the columns of embeddings/
   * @param count how many
   */
  public static Detections.Scored scored(
      Run run,
      StoredModel flow,
      Dataset<Row> rows,
      long count,
      AnomalyDetector detector,
      Baselines baselines) {
    // Drawn before they are scored: each reading of scores would score them again.
    Dataset<Row> some = FlowCalibrator.sample(rows, count, FlowCalibrator.MOST_ROWS);
    return new Detections.Scored(
        count, AnomalyRanking.of(scores(run, flow, some, detector), some, baselines.all()));
  }

  /**
   * Scores rows with what only a flow and its calibration say of them.
   *
   * @param rows with the columns of embeddings/
   * @param detector of anomalies; null where the flow has no calibration
   */
  public static Dataset<Row> scores(
      Run run, StoredModel flow, Dataset<Row> rows, AnomalyDetector detector) {
    return FlowScorer.score(
        rows,
        SharedModel.broadcast(run.spark(), flow.network()),
        FlowModel.prior(flow, RealNVP.of(flow.network())),
        flow.temperature(),
        LabelNames.NONE,
        detector,
        Explanations.NONE,
        0,
        run.config().getInt("inference.batch"));
  }

  /** Prints a comparison: what it is of, and the figures of each score. */
  public static void say(Detections detections) {
    if (detections.column() == null) {
      Console.say(
          "%,d test images of %s as anomalies among the run's %,d:",
          detections.anomalousRows(), detections.images(), detections.normalRows());
    } else {
      Console.say(
          "%,d rows that column %s marks as anomalies among %,d others:",
          detections.anomalousRows(), detections.column(), detections.normalRows());
    }
    Console.say(
        "%-24s %-18s  %-18s  %s",
        "score", "AUROC", "average precision", "false alarms at 95 % detection");
    detections
        .scores()
        .forEach(
            (name, detection) ->
                Console.say(
                    "%-24s %.5f +- %.5f  %.5f +- %.5f  %.5f",
                    name,
                    detection.auroc(),
                    detection.aurocError(),
                    detection.averagePrecision(),
                    detection.averagePrecisionError(),
                    detection.falseAlarmRate()));
  }
}
