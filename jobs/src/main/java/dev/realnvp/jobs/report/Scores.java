package dev.realnvp.jobs.report;

import dev.realnvp.flow.Explainer;
import dev.realnvp.spark.summary.Histogram;
import java.util.List;
import java.util.Map;

/**
 * How likely rows are.
 *
 * @param tables at least one, all with the same bins
 * @param strangest the least likely rows that are explained, the least likely one first; none if no
 *     row is
 * @param pictures of these, by id: the row's image, that of its embedding, and that of its
 *     embedding with the normal values, side by side, as PNG; none if the run is of no images
 */
public record Scores(
    List<Table> tables, List<StrangeRow> strangest, Content<Map<Long, byte[]>> pictures) {

  /**
   * Some rows' log-probabilities, in nats.
   *
   * @param name what rows they are
   */
  public record Table(String name, Histogram logProb) {}

  /**
   * A row with what makes it strange.
   *
   * @param logProb log p(x), in nats
   * @param repairs the most important one first
   */
  public record StrangeRow(long id, double logProb, List<Explainer.Repair> repairs) {

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
