package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How well several scores distinguish the same anomalies from the same normal rows.
 *
 * @param images the source of the anomalies, if they are other images; else null
 * @param column that tells the anomalies of a table; else null
 * @param normalRows the number of normal rows
 * @param anomalousRows the number of anomalies
 * @param falseAlarms the share of the normal rows that {@code scores/} would mark; null without a
 *     threshold, as is the next
 * @param detected the share of the anomalies that it would mark
 * @param scores the result of each score, by its name
 * @param differences what the area of the first score is above that of each other one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Detections(
    @JsonProperty("images") String images,
    @JsonProperty("column") String column,
    @JsonProperty(value = "normal_rows", required = true) long normalRows,
    @JsonProperty(value = "anomalous_rows", required = true) long anomalousRows,
    @JsonProperty("false_alarms") Double falseAlarms,
    @JsonProperty("detected") Double detected,
    @JsonProperty(value = "scores", required = true) Map<String, Detection> scores,
    @JsonProperty(value = "auroc_differences", required = true)
        Map<String, Difference> differences) {

  /** The score that anomalies are marked by. */
  private static final String MARKING = "anomaly_score";

  /**
   * @throws IllegalArgumentException if it is not complete
   */
  public Detections {
    if ((images == null) == (column == null)
        || scores == null
        || differences == null
        || scores.values().stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException(
          "expected images or a column, and scores with figures and differences");
    }
  }

  /**
   * Of two scores of the same rows.
   *
   * @param value the difference of their areas
   * @param error its standard error. Both areas are of the same drawn rows ({@link Detection}), so
   *     that what is hard for both scores cancels
   */
  public record Difference(
      @JsonProperty(value = "difference", required = true) double value,
      @JsonProperty(value = "standard_error", required = true) double error) {}

  /**
   * Scores of some rows; greater is stranger.
   *
   * @param rows how many rows there are
   * @param scores of them, or of a sample, by the score's name; a row has one place in all
   */
  public record Scored(long rows, Map<String, double[]> scores) {

    private double[] of(String name) {
      return scores.get(name);
    }

    private double weight(String name) {
      return (double) rows / of(name).length;
    }

    private Double above(double threshold) {
      return scores.containsKey(MARKING) && Double.isFinite(threshold)
          ? Arrays.stream(of(MARKING)).filter(score -> score > threshold).count()
              / (double) of(MARKING).length
          : null;
    }
  }

  /**
   * Measures each score that both kinds of rows have.
   *
   * @param images the source of the anomalies, or null
   * @param column that tells them, or null
   * @param threshold greater anomaly scores are marked; not finite if there is none
   */
  public static Detections of(
      String images, String column, Scored normal, Scored anomalous, double threshold) {
    Map<String, Detection> scores = new LinkedHashMap<>();
    Map<String, Difference> differences = new LinkedHashMap<>();
    double[] first = null;
    for (String name : normal.scores.keySet()) {
      if (anomalous.scores.containsKey(name)) {
        double[] areas = new double[Detection.RESAMPLINGS];
        scores.put(
            name,
            Detection.of(
                normal.of(name),
                normal.weight(name),
                anomalous.of(name),
                anomalous.weight(name),
                areas));
        if (first == null) {
          first = areas.clone();
        } else {
          for (int i = 0; i < areas.length; i++) {
            areas[i] = first[i] - areas[i];
          }
          double own = scores.values().iterator().next().auroc();
          differences.put(
              name, new Difference(own - scores.get(name).auroc(), Detection.deviation(areas)));
        }
      }
    }
    return new Detections(
        images,
        column,
        normal.rows,
        anomalous.rows,
        normal.above(threshold),
        anomalous.above(threshold),
        scores,
        differences);
  }
}
