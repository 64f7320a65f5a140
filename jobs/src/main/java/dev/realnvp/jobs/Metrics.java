package dev.realnvp.jobs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;

/**
 * The figures of merit of a run, on its test split: {@code evaluation/metrics.json}.
 *
 * @param testBce binary cross-entropy of the reconstructions, nats a pixel
 * @param testNll negative log-likelihood given the label, nats a row; where the flow is not
 *     conditioned on it, without
 * @param testNllNoLabel the same with the class summed out
 * @param classifierAccuracy share of test images that the classifier gives their label
 * @param reconstructionAccuracy the same of their reconstructions
 * @param sampleAccuracy share of class-conditional samples that it gives their class; null where
 *     the flow is not conditioned on the class
 * @param roundtripMaxError greatest {@code |inverse(forward(x)) - x|} over the test embeddings
 */
public record Metrics(
    @JsonProperty("test_bce") double testBce,
    @JsonProperty("test_nll") double testNll,
    @JsonProperty("test_nll_no_label") double testNllNoLabel,
    @JsonProperty("classifier_accuracy") double classifierAccuracy,
    @JsonProperty("reconstruction_accuracy") double reconstructionAccuracy,
    @JsonProperty("sample_accuracy") Double sampleAccuracy,
    @JsonProperty("roundtrip_max_error") double roundtripMaxError) {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Every figure by the name it has in the file. */
  Map<String, Double> values() {
    return MAPPER.convertValue(this, new TypeReference<>() {});
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if it is no JSON, or a figure is missing
   */
  static Metrics fromJson(String json) {
    try {
      return MAPPER.readValue(json, Metrics.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no metrics: " + e.getMessage().replace('\n', ' '), e);
    }
  }

  /** Indented JSON. */
  String toJson() {
    return MAPPER.valueToTree(this).toPrettyString();
  }
}
