package dev.realnvp.jobs;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.realnvp.model.Json;
import dev.realnvp.scores.DensityGain;
import dev.realnvp.scores.Detections;
import dev.realnvp.spark.summary.ClassFigures;
import dev.realnvp.spark.summary.PosteriorQuality;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The figures of merit of a run: {@code evaluation/metrics.json}. They are of its test split; of a
 * table without one, of its train rows ({@code split} tells). Those of images are null for a run on
 * a table.
 *
 * @param testBce binary cross-entropy of the reconstructions, nats per pixel
 * @param testNll negative log-likelihood given the label, nats per row; if the flow is not
 *     conditioned on it, without
 * @param testNllNoLabel the same with the class summed out
 * @param classifierAccuracy share of test images that the classifier gives their label
 * @param reconstructionAccuracy the same of their reconstructions
 * @param sampleAccuracy share of class-conditional samples that it gives their class; null also
 *     where the flow is not conditioned on the class
 * @param roundtripMaxError greatest {@code |inverse(forward(x)) - x|} over the test embeddings
 * @param posteriorEce expected calibration error of the predicted class's probability; this and the
 *     next as {@link PosteriorQuality} has them, null where the flow is not conditioned on the
 *     class
 * @param posteriorBrier Brier score of the posterior
 * @param falseAlarmRate the share of normal rows that may be anomalies, as {@code scores/} was made
 * @param falseAlarms the share of test rows that are, by the threshold of rows that are not among
 *     them; null where the flow has no calibration, or one of too few rows
 * @param classFalseAlarms the greatest of the shares of each likeliest class's test rows, by that
 *     class's threshold; null as the one before, and where there are no classes
 * @param against how well other images are told from the test split; null where none are named
 * @param split the rows that all this is of; null, as all that follows, in files of older versions
 * @param rows how many these are
 * @param baselines how much likelier they are, or a sample of 100,000, than under densities without
 *     a flow, by name; without the anomalies, if a column marks them
 * @param classes the figures of each class; empty without labels
 * @param reliability how often the posterior is right, by what it says; empty without classes
 * @param anomalies how well rows that a column marks are told from the others; null where none is
 *     named
 */
public record Metrics(
    @JsonProperty(value = "test_bce", required = true) Double testBce,
    @JsonProperty(value = "test_nll", required = true) double testNll,
    @JsonProperty(value = "test_nll_no_label", required = true) double testNllNoLabel,
    @JsonProperty(value = "classifier_accuracy", required = true) Double classifierAccuracy,
    @JsonProperty(value = "reconstruction_accuracy", required = true) Double reconstructionAccuracy,
    @JsonProperty(value = "sample_accuracy", required = true) Double sampleAccuracy,
    @JsonProperty(value = "roundtrip_max_error", required = true) double roundtripMaxError,
    @JsonProperty(value = "posterior_ece", required = true) Double posteriorEce,
    @JsonProperty(value = "posterior_brier", required = true) Double posteriorBrier,
    @JsonProperty(value = "false_alarm_rate", required = true) double falseAlarmRate,
    @JsonProperty(value = "false_alarms", required = true) Double falseAlarms,
    @JsonProperty(value = "class_false_alarms", required = true) Double classFalseAlarms,
    @JsonProperty(value = "against", required = true) Detections against,
    @JsonProperty("split") String split,
    @JsonProperty("rows") Long rows,
    @JsonProperty("baselines") Map<String, DensityGain> baselines,
    @JsonProperty("classes") List<ClassFigures> classes,
    @JsonProperty("reliability") List<PosteriorQuality.Bin> reliability,
    @JsonProperty("anomalies") Detections anomalies) {

  /** What is no figure of the run as a whole. */
  private static final Set<String> PARTS =
      Set.of("against", "split", "rows", "baselines", "classes", "reliability", "anomalies");

  /**
   * What a file of an older version lacks is empty.
   *
   * @throws IllegalArgumentException if some figures of images are there, and others are not
   */
  public Metrics {
    if ((testBce == null) != (classifierAccuracy == null)
        || (testBce == null) != (reconstructionAccuracy == null)) {
      throw new IllegalArgumentException(
          "expected all of test_bce, classifier_accuracy and reconstruction_accuracy, or none");
    }
    baselines =
        baselines == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(baselines));
    classes = classes == null ? List.of() : List.copyOf(classes);
    reliability = reliability == null ? List.of() : List.copyOf(reliability);
  }

  /** Every figure of the run as a whole, by the name it has in the file. */
  Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    Json.tree(this).properties().stream()
        .filter(figure -> !PARTS.contains(figure.getKey()))
        .forEach(
            figure ->
                values.put(
                    figure.getKey(),
                    figure.getValue().isNull() ? null : figure.getValue().doubleValue()));
    return values;
  }

  /**
   * Reads what {@link #toJson} wrote, or what an older version wrote.
   *
   * @throws IllegalArgumentException if it is no JSON, or a figure is missing
   */
  static Metrics fromJson(String json) {
    return Json.read(json, Metrics.class, "no metrics: ");
  }

  /** Indented JSON. */
  String toJson() {
    return Json.tree(this).toPrettyString();
  }
}
