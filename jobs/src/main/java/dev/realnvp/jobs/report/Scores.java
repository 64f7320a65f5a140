package dev.realnvp.jobs.report;

import dev.realnvp.flow.Explainer;
import dev.realnvp.spark.summary.Histogram;
import java.util.List;

/**
 * How likely rows are.
 *
 * @param tables at least one, all with the same bins
 * @param strangest the least likely rows that are explained, the least likely one first; none if no
 *     row is
 */
public record Scores(List<Table> tables, List<StrangeRow> strangest) {

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
  public record StrangeRow(long id, double logProb, List<Explainer.Repair> repairs) {}
}
