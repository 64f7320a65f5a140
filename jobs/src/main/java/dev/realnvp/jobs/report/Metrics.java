package dev.realnvp.jobs.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
 * table without one, of its train rows.
 *
 * @param figures of the run as a whole, one by each name of {@link #FIGURES}; null for one that the
 *     run has not
 * @param against how well other images are told from the test split; null where none are named
 * @param split the rows that all this is of
 * @param rows how many these are
 * @param baselines how much likelier they are, or a sample of 100,000, than under densities without
 *     a flow, by name; without the anomalies, if a column marks them
 * @param classes the figures of each class; empty without labels
 * @param reliability how often the posterior is right, by what it says; empty without classes
 * @param anomalies how well rows that a column marks are told from the others; null where none is
 *     named
 */
public record Metrics(
    @JsonProperty(value = "figures", required = true) Map<String, Double> figures,
    @JsonProperty(value = "against", required = true) Detections against,
    @JsonProperty(value = "split", required = true) String split,
    @JsonProperty(value = "rows", required = true) long rows,
    @JsonProperty(value = "baselines", required = true) Map<String, DensityGain> baselines,
    @JsonProperty(value = "classes", required = true) List<ClassFigures> classes,
    @JsonProperty(value = "reliability", required = true) List<PosteriorQuality.Bin> reliability,
    @JsonProperty(value = "anomalies", required = true) Detections anomalies) {

  /**
   * What each figure is, by its name in the file. Those of images are null for a run of a table;
   * those of a posterior, a threshold or classes for a flow without.
   */
  public static final Map<String, String> FIGURES = new LinkedHashMap<>();

  static {
    FIGURES.put("test_bce", "binary cross-entropy of the reconstructions, nats per pixel");
    FIGURES.put(
        "test_nll", "negative log-likelihood given the class, if the flow is, nats per row");
    FIGURES.put("test_nll_no_label", "the same with the class summed out");
    FIGURES.put("classifier_accuracy", "share of images that the classifier gives their label");
    FIGURES.put("reconstruction_accuracy", "the same of their reconstructions");
    FIGURES.put("sample_accuracy", "share of class-conditional samples that it gives their class");
    FIGURES.put("roundtrip_max_error", "greatest |inverse(forward(x)) \u2212 x| of the flow");
    FIGURES.put(
        "posterior_ece", "expected calibration error of the most likely class's probability");
    FIGURES.put("posterior_brier", "Brier score of the posterior, 0 to 2");
    FIGURES.put("false_alarm_rate", "share of normal rows that may be anomalies, as it was set");
    FIGURES.put("false_alarms", "share of the rows that are anomalies by other rows' threshold");
    FIGURES.put("class_false_alarms", "the greatest such share of a class, by its own threshold");
  }

  /** Those that every run has. */
  private static final Set<String> ALWAYS =
      Set.of("test_nll", "test_nll_no_label", "roundtrip_max_error", "false_alarm_rate");

  private static final String WRONG = "no metrics: ";

  /**
   * @throws IllegalArgumentException if some figures of images are there, and others are not
   */
  public Metrics {
    boolean images = figures.get("test_bce") != null;
    if (images != (figures.get("classifier_accuracy") != null)
        || images != (figures.get("reconstruction_accuracy") != null)) {
      throw new IllegalArgumentException(
          "expected all of test_bce, classifier_accuracy and reconstruction_accuracy, or none");
    }
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    baselines = Collections.unmodifiableMap(new LinkedHashMap<>(baselines));
  }

  /** A figure; null if the run has not got it. */
  public Double figure(String name) {
    return figures.get(name);
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if it is no JSON, or a figure is missing
   */
  public static Metrics fromJson(String json) {
    ObjectNode all = Json.read(json, ObjectNode.class, WRONG);
    ObjectNode figures = all.objectNode();
    for (String name : FIGURES.keySet()) {
      if (ALWAYS.contains(name) ? !all.hasNonNull(name) : !all.has(name)) {
        throw new IllegalArgumentException(WRONG + "'%s' is missing".formatted(name));
      }
      figures.set(name, all.remove(name));
    }
    all.set("figures", figures);
    return Json.read(all.toString(), Metrics.class, WRONG);
  }

  /** Indented JSON, each figure under its own name. */
  public String toJson() {
    ObjectNode all = (ObjectNode) Json.tree(this);
    ObjectNode json = (ObjectNode) all.remove("figures");
    return json.setAll(all).toPrettyString();
  }
}
