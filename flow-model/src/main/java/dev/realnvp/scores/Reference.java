package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.realnvp.model.Json;
import java.util.List;

/**
 * How the rows are distributed that others are compared with: held-out rows of a flow's table.
 * Stored as {@code reference.json} beside the flow, so that its table is not needed any more.
 *
 * @param split of the rows: test, validation or train
 * @param logProb log p(x) of the rows, in nats; what is not finite is the least
 * @param classes how many rows are likeliest of each class, {@code [K]}; {@code [0]} without
 * @param features each feature, and behind them the numbers that the flow is conditioned on
 */
public record Reference(
    @JsonProperty("split") String split,
    @JsonProperty("log_prob") Marginal logProb,
    @JsonProperty("class_counts") long[] classes,
    @JsonProperty("features") List<Marginal> features) {

  /** Of a number, at most. */
  private static final int MOST_VALUES = 1000;

  /** Of all features: some 2 MB. */
  private static final int MOST_OF_ALL = 60_000;

  /** That of scored rows. */
  public static Reference of(String split, Drift.Scored rows, List<Marginal> features) {
    return new Reference(split, Marginal.of(rows.logProb(), MOST_VALUES), rows.classes(), features);
  }

  /** How many values are kept of each of so many features. */
  public static int values(int features) {
    return Math.max(2, Math.min(MOST_VALUES, MOST_OF_ALL / features));
  }

  /** JSON in one line. */
  public String toJson() {
    return Json.tree(this).toString();
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Reference fromJson(String json) {
    return Json.read(json, Reference.class, "no reference: ");
  }
}
