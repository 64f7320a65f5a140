package dev.realnvp.jobs.report;

import dev.realnvp.flow.Explainer;
import dev.realnvp.spark.summary.Histogram;
import dev.realnvp.stored.FeatureColumns;
import java.util.List;
import java.util.Map;

/**
 * How likely and how strange rows are.
 *
 * @param tables log p(x), in nats; at least one table, all with the same bins
 * @param anomaly the anomaly scores of the same tables, all with the same bins; none from a flow
 *     without a calibration
 * @param strangest the strangest rows, the strangest one first
 * @param pictures of these, by id: the row's image, that of its embedding, and that of its
 *     embedding with the normal values, side by side, as PNG; none if the run is of no images
 */
public record Scores(
    List<Table> tables,
    List<Table> anomaly,
    List<StrangeRow> strangest,
    Content<Map<String, byte[]>> pictures) {

  /**
   * Some rows' values of a score.
   *
   * @param name what rows they are
   */
  public record Table(String name, Histogram values) {}

  /**
   * A row with what makes it strange.
   *
   * @param id as text; empty if the table has none
   * @param split of the row
   * @param label its class, by name or number; empty without one
   * @param mostLikelyClass the most likely class; empty from a flow without classes
   * @param logProb log p(x), in nats; null if that is not finite
   * @param score its anomaly score; null if it has none
   * @param repairs the most important one first; none if it is not explained
   * @param features what the features of these are called
   * @param columns what their values stand for
   */
  public record StrangeRow(
      String id,
      String split,
      String label,
      String mostLikelyClass,
      Double logProb,
      Double score,
      List<Explainer.Counterfactual> repairs,
      List<String> features,
      FeatureColumns columns) {

    /** Whether an embedding, null for none, has the values that are explained. */
    public boolean isOf(float[] embedding) {
      return embedding != null
          && repairs.stream()
              .allMatch(
                  repair ->
                      repair.feature() < embedding.length
                          && embedding[repair.feature()] == repair.value());
    }

    /** The row's embedding with the normal values. */
    public float[] repaired(float[] embedding) {
      float[] repaired = embedding.clone();
      repairs.forEach(repair -> repaired[repair.feature()] = repair.normal());
      return repaired;
    }
  }
}
