package dev.realnvp.spark.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How well the same anomalies are told from the same normal rows by several scores.
 *
 * @param images where the anomalies are from
 * @param normalRows how many rows are normal
 * @param anomalousRows how many are anomalies
 * @param scores how well each does, by its name
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
   * Measures each score that both have values of.
   *
   * @param images where the anomalies are from
   * @param normal by the score's name, the greater the stranger; of many rows, those of some
   * @param normalRows how many there are
   * @param anomalous the same of the anomalies
   * @param anomalousRows how many there are
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
