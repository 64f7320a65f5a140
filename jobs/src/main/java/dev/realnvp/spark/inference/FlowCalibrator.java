package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import dev.realnvp.spark.data.Embeddings;
import dev.realnvp.spark.data.LabelNames;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.scores.Calibration;
import dev.realnvp.spark.scores.ScoredRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Calibrates a flow on rows that it was not trained on. */
public final class FlowCalibrator {

  /** Scores come to the driver; so many rows give a false-alarm rate of 0.01 to a tenth of it. */
  static final long MOST_ROWS = 100_000;

  /** Of rows under each class: some seconds of work. */
  private static final long MOST_DENSITIES = 10_000_000;

  /** About; some batches. */
  private static final int ROWS_A_PARTITION = 2_000;

  private static final String LOG_PROB = "log_prob";

  private final Broadcast<SharedModel> model;
  private final int batch;

  /**
   * @param model the flow's model
   * @param batch rows of a batch
   */
  public FlowCalibrator(Broadcast<SharedModel> model, int batch) {
    this.model = model;
    this.batch = batch;
  }

  /**
   * Scores the rows, or of many some that a hash of their content chooses.
   *
   * @param rows with the columns of embeddings/, {@code reconstruction_error} if it is known
   * @param count how many
   * @param split what the calibration calls them
   * @param prior a weight a class
   * @return empty where no row has a finite density
   */
  public Optional<Calibration> calibrate(
      Dataset<Row> rows, long count, String split, double[] prior) {
    Dataset<Row> some =
        HashedSample.of(
            rows,
            count,
            Math.min(MOST_ROWS, MOST_DENSITIES / prior.length),
            col(Embeddings.COLUMN));
    ScoredRows scores =
        collect(
            FlowScorer.score(
                inContentOrder(some, count), model, prior, LabelNames.NONE, null, batch));
    return calibration(scores, prior.length, split);
  }

  /**
   * The same for a flow that is conditioned on numbers, by {@code log p(x | context)}.
   *
   * @param rows with the column of embeddings/, each with its context behind it
   */
  public Optional<Calibration> calibrateConditioned(Dataset<Row> rows, long count, String split) {
    Dataset<Row> some = HashedSample.of(rows, count, MOST_ROWS, col(Embeddings.COLUMN));
    double[] logProb =
        ConditionedScorer.logProb(inContentOrder(some, count), model, batch)
            .collectAsList()
            .stream()
            .mapToDouble(Double::doubleValue)
            .filter(Double::isFinite)
            .toArray();
    return calibration(new ScoredRows(logProb, new double[0], new int[logProb.length]), 1, split);
  }

  /**
   * The same rows in an order, and in partitions, that follow from their content. The last bits of
   * a density depend on the rows of the same batch, since products of matrices round by place.
   *
   * @param count how many rows they were chosen of
   */
  private static Dataset<Row> inContentOrder(Dataset<Row> rows, long count) {
    List<Column> content = new ArrayList<>();
    content.add(col(Embeddings.COLUMN));
    if (List.of(rows.columns()).contains(Embeddings.RECONSTRUCTION_ERROR)) {
      content.add(col(Embeddings.RECONSTRUCTION_ERROR));
    }
    Column hash = xxhash64(content.toArray(Column[]::new));
    content.add(0, hash);
    return rows.repartition(1 + (int) (Math.min(count, MOST_ROWS) / ROWS_A_PARTITION), hash)
        .sortWithinPartitions(content.toArray(Column[]::new));
  }

  private static Optional<Calibration> calibration(ScoredRows scores, int classes, String split) {
    return scores.size() == 0
        ? Optional.empty()
        : Optional.of(Calibration.of(scores, classes, split));
  }

  /**
   * Brings the scores of rows that have finite ones to the driver, or of many those of some.
   *
   * @param scores with the columns of scores/
   * @param count how many
   */
  public static ScoredRows collect(Dataset<Row> scores, long count) {
    return collect(HashedSample.of(scores, count, MOST_ROWS, col("id"), col(LOG_PROB)));
  }

  private static ScoredRows collect(Dataset<Row> scores) {
    List<Row> rows =
        scores
            .where(abs(col(LOG_PROB)).lt(Double.POSITIVE_INFINITY))
            .select(
                col(LOG_PROB),
                col(Embeddings.RECONSTRUCTION_ERROR),
                coalesce(col("predicted_label"), lit(0)))
            .collectAsList();
    boolean reconstructed = rows.stream().noneMatch(row -> row.isNullAt(1));
    return new ScoredRows(
        rows.stream().mapToDouble(row -> row.getDouble(0)).toArray(),
        reconstructed
            ? rows.stream().mapToDouble(row -> row.getDouble(1)).toArray()
            : new double[0],
        rows.stream().mapToInt(row -> row.getInt(2)).toArray());
  }
}
