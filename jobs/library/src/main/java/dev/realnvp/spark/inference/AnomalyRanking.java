package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.scores.Calibration;
import dev.realnvp.spark.table.Embeddings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The scores that anomalies may be told by, on the driver, the greater the stranger. */
public final class AnomalyRanking {

  private static final Map<String, Column> OF_SCORES = new LinkedHashMap<>();

  static {
    OF_SCORES.put("anomaly_score", col("anomaly_score"));
    OF_SCORES.put("log_prob", col("log_prob").unary_$minus());
    OF_SCORES.put(Calibration.LOG_PROB_Z, col(Calibration.LOG_PROB_Z).unary_$minus());
    OF_SCORES.put(Calibration.DISTANCE, col(Calibration.DISTANCE));
    OF_SCORES.put("typicality", col("typicality"));
    OF_SCORES.put(Embeddings.RELATIVE_ERROR, col(Embeddings.RELATIVE_ERROR));
    OF_SCORES.put(Embeddings.RECONSTRUCTION_ERROR, col(Embeddings.RECONSTRUCTION_ERROR));
  }

  private AnomalyRanking() {}

  /**
   * Brings the scores of rows to the driver. A score that a row has not, or is no number, is
   * infinite, as the row is an anomaly.
   *
   * @param scores with the columns of scores/
   * @param embeddings the same rows, in the same order, with those of embeddings/
   * @param baselines to compare with, by name
   * @return the values by the name of the score, the rows in their order, without scores that rows
   *     with a density have none of: the anomaly score, -log p(x) as {@code log_prob}, the same
   *     without the features' units as {@code log_prob_z}, the distance, the typicality, the two
   *     errors, and each baseline's
   */
  public static Map<String, double[]> of(
      Dataset<Row> scores, Dataset<Row> embeddings, Map<String, ? extends Baseline> baselines) {
    List<String> names =
        OF_SCORES.keySet().stream().filter(List.of(scores.columns())::contains).toList();
    List<Row> rows =
        scores.select(names.stream().map(OF_SCORES::get).toArray(Column[]::new)).collectAsList();
    Map<String, double[]> strangeness = new LinkedHashMap<>();
    int density = names.indexOf("log_prob");
    boolean none = rows.stream().allMatch(row -> row.isNullAt(density));
    int at = 0;
    for (String name : names) {
      int column = at++;
      if (none && !Embeddings.ERRORS.contains(name)
          || rows.stream().anyMatch(row -> !row.isNullAt(column))
              && rows.stream().noneMatch(row -> row.isNullAt(column) && !row.isNullAt(density))) {
        strangeness.put(
            name,
            rows.stream()
                .mapToDouble(row -> row.isNullAt(column) ? Double.NaN : row.getDouble(column))
                .map(AnomalyRanking::ordered)
                .toArray());
      }
    }
    baselines.forEach(
        (name, baseline) ->
            strangeness.put(
                name,
                baseline.strangeness(embeddings).collectAsList().stream()
                    .mapToDouble(AnomalyRanking::ordered)
                    .toArray()));
    return strangeness;
  }

  private static double ordered(double value) {
    return Double.isNaN(value) ? Double.POSITIVE_INFINITY : value;
  }
}
