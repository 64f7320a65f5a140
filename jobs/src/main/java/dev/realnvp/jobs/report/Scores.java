package dev.realnvp.jobs.report;

import dev.realnvp.spark.summary.Histogram;
import java.util.List;

/**
 * How likely rows are.
 *
 * @param tables at least one, all with the same bins
 */
public record Scores(List<Table> tables) {

  /**
   * Some rows' log-probabilities, in nats.
   *
   * @param name what rows they are
   */
  public record Table(String name, Histogram logProb) {}
}
