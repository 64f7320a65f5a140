package dev.realnvp.jobs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import dev.realnvp.model.Json;
import dev.realnvp.spark.scores.Detections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The figures of merit of a run, on its test split: {@code evaluation/metrics.json}.
 *
 * @param testBce binary cross-entropy of the reconstructions, nats per pixel
 * @param testNll negative log-likelihood given the label, nats per row; if the flow is not
 *     conditioned on it, without
 * @param testNllNoLabel the same with the class summed out
 * @param classifierAccuracy share of test images that the classifier gives their label
 * @param reconstructionAccuracy the same of their reconstructions
 * @param sampleAccuracy share of class-conditional samples that it gives their class; null where
 *     the flow is not conditioned on the class
 * @param roundtripMaxError greatest {@code |inverse(forward(x)) - x|} over the test embeddings
 * @param posteriorEce expected calibration error of the predicted class's probability; this and the
 *     next as {@link dev.realnvp.spark.summary.PosteriorQuality} has them, null where the flow is
 *     not conditioned on the class
 * @param posteriorBrier Brier score of the posterior
 * @param falseAlarmRate the share of normal rows that may be anomalies, as {@code scores/} was made
 * @param falseAlarms the share of test rows that are, by the threshold of rows that are not among
 *     them; null where the flow has no calibration
 * @param classFalseAlarms the greatest of the shares of each likeliest class's test rows, by that
 *     class's threshold; null as the one before, and where there are no classes
 * @param against how well other images are told from the test split; null where none are named
 */
public record Metrics(
    @JsonProperty("test_bce") double testBce,
    @JsonProperty("test_nll") double testNll,
    @JsonProperty("test_nll_no_label") double testNllNoLabel,
    @JsonProperty("classifier_accuracy") double classifierAccuracy,
    @JsonProperty("reconstruction_accuracy") double reconstructionAccuracy,
    @JsonProperty("sample_accuracy") Double sampleAccuracy,
    @JsonProperty("roundtrip_max_error") double roundtripMaxError,
    @JsonProperty("posterior_ece") Double posteriorEce,
    @JsonProperty("posterior_brier") Double posteriorBrier,
    @JsonProperty("false_alarm_rate") double falseAlarmRate,
    @JsonProperty("false_alarms") Double falseAlarms,
    @JsonProperty("class_false_alarms") Double classFalseAlarms,
    @JsonProperty(AGAINST) Detections against) {

  private static final String AGAINST = "against";

  /** Every figure but those of the comparison, by the name it has in the file. */
  Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    Json.tree(this)
        .properties()
        .forEach(
            figure ->
                values.put(
                    figure.getKey(),
                    figure.getValue().isNull() ? null : figure.getValue().doubleValue()));
    values.remove(AGAINST);
    return values;
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if it is no JSON, or a figure is missing
   */
  static Metrics fromJson(String json) {
    return Json.read(
        json,
        Metrics.class,
        "no metrics: ",
        DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);
  }

  /** Indented JSON. */
  String toJson() {
    return Json.tree(this).toPrettyString();
  }
}
