package dev.realnvp.spark.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How well several scores distinguish the same anomalies from the same normal rows.
 *
 * @param images the source of the anomalies
 * @param normalRows the number of normal rows
 * @param anomalousRows the number of anomalies
 * @param scores the result of each score, by its name
 */
public record Detections(
    @JsonProperty("images") String images,
    @JsonProperty("normal_rows") long normalRows,
    @JsonProperty("anomalous_rows") long anomalousRows,
    @JsonProperty("scores") Map<String, Detection> scores) {

  /**
   * @throws IllegalArgumentException if it is not complete
   */
  public Detections {
    if (images == null || scores == null || scores.values().stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("expected images, and scores with their figures");
    }
  }

  /**
   * Measures each score that both kinds of rows have.
   *
   * @param images the source of the anomalies
   * @param normal scores of the normal rows, or of a sample of them, by the score's name; greater
   *     is stranger
   * @param normalRows the number of normal rows
   * @param anomalous the same for the anomalies
   * @param anomalousRows the number of anomalies
   */
  public static Detections of(
      String images,
      Map<String, double[]> normal,
      long normalRows,
      Map<String, double[]> anomalous,
      long anomalousRows) {
    Map<String, Detection> scores = new LinkedHashMap<>();
    normal.forEach(
        (name, values) -> {
          if (anomalous.containsKey(name)) {
            scores.put(name, Detection.of(values, anomalous.get(name)));
          }
        });
    return new Detections(images, normalRows, anomalousRows, scores);
  }
}
