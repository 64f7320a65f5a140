package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.ScoredRows;
import dev.realnvp.scores.Temperature;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.spark.table.RowSample;
import dev.realnvp.spark.table.Split;
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

  /** Posteriors of so many numbers come to the driver, to fit their temperature. */
  private static final int MOST_POSTERIORS = 1_000_000;

  /** The logarithm of what is 0 as a float. */
  private static final double LEAST = -104;

  private static final String LOG_PROB = "log_prob";

  /** The best known of what is strange beside the density comes first. */
  private static final List<String> ERRORS =
      List.of(Calibration.RELATIVE_ERROR, Calibration.RECONSTRUCTION_ERROR, Calibration.DISTANCE);

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
    long most = most(classes);
    Dataset<Row> some = sample(rows, count, most, col("label"));
    double share =
        classes == 1 || split.equals(Split.TRAIN)
            ? 0
            : (double) MOST_POSTERIORS / classes / Math.min(count, most);
    Column place = pmod(xxhash64(col(LOG_PROB)), lit(MOST_POSTERIORS));
    Column known = col("label").between(0, classes - 1).and(place.lt(share * MOST_POSTERIORS));
    List<Row> found =
        rows(
            FlowScorer.score(
                some,
                model,
                prior,
                1,
                LabelNames.NONE,
                null,
                Explanations.NONE,
                share > 0 ? classes : 0,
                batch),
            ERRORS,
            col("label"),
            when(known, col("posterior")).as("posterior"));
    ScoredRows scores = scored(found, ERRORS);
    return scores.size() == 0
        ? Optional.empty()
        : Optional.of(Calibration.of(scores, classes, split).with(temperature(found)));
  }

  /** By the rows that come with a posterior; null if these are few. */
  private static Temperature temperature(List<Row> rows) {
    List<Row> known = rows.stream().filter(row -> !row.isNullAt(row.size() - 1)).toList();
    return Temperature.fit(
            known.stream().mapToDouble(row -> row.getDouble(0)).toArray(),
            known.stream()
                .map(row -> row.<Float>getList(row.size() - 1).stream())
                .map(all -> all.mapToDouble(p -> Math.max(LEAST, Math.log(p))).toArray())
                .toArray(double[][]::new),
            known.stream().mapToInt(row -> row.getInt(row.size() - 2)).toArray())
        .orElse(null);
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
   * @param more of what follows from these columns too
   */
  public static Dataset<Row> sample(
      Dataset<Row> embeddings, long count, long most, Column... more) {
    List<Column> content = new ArrayList<>(List.of(col(Embeddings.COLUMN)));
    Embeddings.ERRORS.stream()
        .filter(List.of(embeddings.columns())::contains)
        .forEach(error -> content.add(col(error)));
    content.addAll(List.of(more));
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
    return scored(
        rows(RowSample.of(scores, count, MOST_ROWS, columns(scores, errors)), errors), errors);
  }

  /**
   * The density, the class, the errors, and the density that goes with a distance, which scores of
   * earlier versions do not have.
   */
  private static Column[] columns(Dataset<Row> scores, List<String> errors) {
    return Stream.of(
            Stream.of(col(LOG_PROB), coalesce(col("predicted_label"), lit(0))),
            errors.stream().map(functions::col),
            errors.stream()
                .filter(Calibration.DISTANCE::equals)
                .map(error -> Calibration.LOG_PROB_Z)
                .filter(List.of(scores.columns())::contains)
                .map(functions::col))
        .flatMap(columns -> columns)
        .toArray(Column[]::new);
  }

  /** The rows that have a finite density: {@link #columns}, and more columns. */
  private static List<Row> rows(Dataset<Row> scores, List<String> errors, Column... more) {
    return scores
        .where(FlowScorer.hasDensity(LOG_PROB))
        .select(Stream.of(columns(scores, errors), more).flatMap(Stream::of).toArray(Column[]::new))
        .collectAsList();
  }

  /** With the first of the errors that every row has. */
  private static ScoredRows scored(List<Row> rows, List<String> errors) {
    String error =
        errors.stream()
            .filter(name -> !rows.isEmpty())
            .filter(name -> rows.stream().noneMatch(row -> row.isNullAt(row.fieldIndex(name))))
            .findFirst()
            .orElse(null);
    return new ScoredRows(
        rows.stream().mapToDouble(row -> row.getDouble(0)).toArray(),
        Calibration.DISTANCE.equals(error)
                && List.of(rows.get(0).schema().fieldNames()).contains(Calibration.LOG_PROB_Z)
            ? rows.stream().mapToDouble(row -> row.<Double>getAs(Calibration.LOG_PROB_Z)).toArray()
            : new double[0],
        error,
        error == null
            ? new double[0]
            : rows.stream().mapToDouble(row -> row.<Double>getAs(error)).toArray(),
        rows.stream().mapToInt(row -> row.getInt(1)).toArray());
  }
}
