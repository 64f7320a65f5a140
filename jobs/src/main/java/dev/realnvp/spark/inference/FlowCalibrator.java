package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.ScoredRows;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.spark.table.RowSample;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Calibrates a flow on rows that it was not trained on.
 *
 * @param model the flow's model
 * @param batch rows of a batch
 */
public record FlowCalibrator(Broadcast<SharedModel> model, int batch) {

  /** Scores come to the driver; so many rows give a false-alarm rate of 0.01 to a tenth of it. */
  public static final long MOST_ROWS = 100_000;

  /** Of rows under each class: some seconds of work. */
  private static final long MOST_DENSITIES = 10_000_000;

  private static final String LOG_PROB = "log_prob";

  /** The best known of what rows lost comes first. */
  private static final List<String> ERRORS =
      List.of(Embeddings.RELATIVE_ERROR, Embeddings.RECONSTRUCTION_ERROR);

  /**
   * Scores the rows, or of many some. Neither which ones nor how they are rounded depends on the
   * table's files.
   *
   * @param rows as {@link FlowScorer#score} takes them
   * @param count how many
   * @param split what the calibration calls them
   * @param prior a weight per class; none for a flow that is conditioned on numbers
   * @return empty where no row has a finite density
   */
  public Optional<Calibration> calibrate(
      Dataset<Row> rows, long count, String split, double[] prior) {
    int classes = Math.max(prior.length, 1);
    Dataset<Row> some = sample(rows, count, most(classes));
    ScoredRows scores =
        collect(
            FlowScorer.score(
                some, model, prior, LabelNames.NONE, null, Explanations.NONE, 0, batch),
            ERRORS);
    return scores.size() == 0
        ? Optional.empty()
        : Optional.of(Calibration.of(scores, classes, split));
  }

  /** How many rows of a flow of so many classes, at least 1, it scores. */
  public static long most(int classes) {
    return Math.min(MOST_ROWS, MOST_DENSITIES / classes);
  }

  /**
   * About so many rows with the columns of embeddings/, by what their scores follow from; all of
   * them if there are no more.
   *
   * @param count how many there are
   */
  public static Dataset<Row> sample(Dataset<Row> embeddings, long count, long most) {
    List<Column> content = new ArrayList<>(List.of(col(Embeddings.COLUMN)));
    Embeddings.ERRORS.stream()
        .filter(List.of(embeddings.columns())::contains)
        .forEach(error -> content.add(col(error)));
    return RowSample.of(embeddings, count, most, content.toArray(Column[]::new));
  }

  /**
   * Brings the scores of rows that have finite ones to the driver, or of many those of some.
   *
   * @param scores with the columns of scores/
   * @param count how many
   * @param error the column of what they lost that they come with, if they have it; empty for none
   */
  public static ScoredRows collect(Dataset<Row> scores, long count, Optional<String> error) {
    List<String> errors = error.map(List::of).orElse(List.of());
    return collect(RowSample.of(scores, count, MOST_ROWS, columns(scores, errors)), errors);
  }

  /** The density, the class, and those errors that there are. */
  private static Column[] columns(Dataset<Row> scores, List<String> errors) {
    return Stream.concat(
            Stream.of(col(LOG_PROB), coalesce(col("predicted_label"), lit(0))),
            errors.stream().filter(List.of(scores.columns())::contains).map(functions::col))
        .toArray(Column[]::new);
  }

  /** With the first of the errors that every row has. */
  private static ScoredRows collect(Dataset<Row> scores, List<String> errors) {
    List<Row> rows =
        scores
            .where(FlowScorer.hasDensity(LOG_PROB))
            .select(columns(scores, errors))
            .collectAsList();
    String error =
        errors.stream()
            .filter(List.of(scores.columns())::contains)
            .filter(name -> rows.stream().noneMatch(row -> row.isNullAt(row.fieldIndex(name))))
            .findFirst()
            .orElse(null);
    return new ScoredRows(
        rows.stream().mapToDouble(row -> row.getDouble(0)).toArray(),
        error,
        error == null
            ? new double[0]
            : rows.stream().mapToDouble(row -> row.<Double>getAs(error)).toArray(),
        rows.stream().mapToInt(row -> row.getInt(1)).toArray());
  }
}
