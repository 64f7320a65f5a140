package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.scores.Calibration;
import dev.realnvp.spark.scores.ScoredRows;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.spark.table.RowSample;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

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

  private static final Column[] SCORES = {
    col(LOG_PROB), col(Embeddings.RECONSTRUCTION_ERROR), coalesce(col("predicted_label"), lit(0))
  };

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
    Dataset<Row> some = sample(rows, count, Math.min(MOST_ROWS, MOST_DENSITIES / classes));
    ScoredRows scores =
        collect(
            FlowScorer.score(some, model, prior, LabelNames.NONE, null, Explanations.NONE, batch));
    return scores.size() == 0
        ? Optional.empty()
        : Optional.of(Calibration.of(scores, classes, split));
  }

  /**
   * About so many rows with the columns of embeddings/, by what their scores follow from; all of
   * them if there are no more.
   *
   * @param count how many there are
   */
  public static Dataset<Row> sample(Dataset<Row> embeddings, long count, long most) {
    List<Column> content = new ArrayList<>(List.of(col(Embeddings.COLUMN)));
    if (List.of(embeddings.columns()).contains(Embeddings.RECONSTRUCTION_ERROR)) {
      content.add(col(Embeddings.RECONSTRUCTION_ERROR));
    }
    return RowSample.of(embeddings, count, most, content.toArray(Column[]::new));
  }

  /**
   * Brings the scores of rows that have finite ones to the driver, or of many those of some.
   *
   * @param scores with the columns of scores/
   * @param count how many
   */
  public static ScoredRows collect(Dataset<Row> scores, long count) {
    return collect(RowSample.of(scores, count, MOST_ROWS, SCORES));
  }

  private static ScoredRows collect(Dataset<Row> scores) {
    List<Row> rows = scores.where(FlowScorer.hasDensity(LOG_PROB)).select(SCORES).collectAsList();
    boolean reconstructed = rows.stream().noneMatch(row -> row.isNullAt(1));
    return new ScoredRows(
        rows.stream().mapToDouble(row -> row.getDouble(0)).toArray(),
        reconstructed
            ? rows.stream().mapToDouble(row -> row.getDouble(1)).toArray()
            : new double[0],
        rows.stream().mapToInt(row -> row.getInt(2)).toArray());
  }
}
