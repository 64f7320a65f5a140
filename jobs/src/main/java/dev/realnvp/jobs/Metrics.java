package dev.realnvp.jobs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
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

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Every figure by the name it has in the file. */
  Map<String, Double> values() {
    return MAPPER.convertValue(this, new TypeReference<>() {});
  }

  /** Indented JSON. */
  String toJson() {
    return MAPPER.valueToTree(this).toPrettyString();
  }
}
