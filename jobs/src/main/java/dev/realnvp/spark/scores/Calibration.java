package dev.realnvp.spark.scores;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.realnvp.model.Json;

/**
 * How a flow's scores are distributed over rows that it was not trained on, by which other rows are
 * judged. Stands as {@code calibration.json} beside the flow.
 *
 * @param version of this format
 * @param split what the rows were: test, validation or train
 * @param logProb log p(x), in nats
 * @param reconstructionError nats a pixel; null where it was not known
 * @param densityAnomaly the anomaly score by log p(x) alone
 * @param anomaly the anomaly score by both; null where there were no reconstruction errors
 */
public record Calibration(
    @JsonProperty("version") int version,
    @JsonProperty("split") String split,
    @JsonProperty("log_prob") Distribution logProb,
    @JsonProperty("reconstruction_error") @JsonInclude(JsonInclude.Include.NON_NULL)
        Distribution reconstructionError,
    @JsonProperty("density_anomaly") ClassDistributions densityAnomaly,
    @JsonProperty("anomaly") @JsonInclude(JsonInclude.Include.NON_NULL)
        ClassDistributions anomaly) {

  private static final int VERSION = 1;

  /**
   * @throws IllegalArgumentException if it is of another version, or not complete
   */
  public Calibration {
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "version: got %d, expected %d".formatted(version, VERSION));
    }
    if (split == null || logProb == null || densityAnomaly == null) {
      throw new IllegalArgumentException("split, log_prob or density_anomaly is missing");
    }
    if ((reconstructionError == null) != (anomaly == null)) {
      throw new IllegalArgumentException(
          "expected both of reconstruction_error and anomaly, or neither");
    }
    if (anomaly != null && anomaly.classes().length != densityAnomaly.classes().length) {
      throw new IllegalArgumentException(
          "anomaly has %d classes, density_anomaly %d"
              .formatted(anomaly.classes().length, densityAnomaly.classes().length));
    }
  }

  /**
   * The calibration on rows.
   *
   * @param rows at least 1, whose scores are finite
   * @param classes K, of which each row has its likeliest; 1 without classes
   * @param split what to call the rows
   */
  public static Calibration of(ScoredRows rows, int classes, String split) {
    AnomalyScore density = new AnomalyScore(Distribution.of(rows.logProb()), null);
    ClassDistributions densityAnomaly =
        ClassDistributions.of(density.of(rows), rows.likeliest(), classes);
    if (!rows.reconstructed()) {
      return new Calibration(VERSION, split, density.logProb(), null, densityAnomaly, null);
    }
    AnomalyScore both =
        new AnomalyScore(density.logProb(), Distribution.of(rows.reconstructionError()));
    return new Calibration(
        VERSION,
        split,
        both.logProb(),
        both.reconstructionError(),
        densityAnomaly,
        ClassDistributions.of(both.of(rows), rows.likeliest(), classes));
  }

  /** How many rows it is of. */
  public long count() {
    return logProb.count();
  }

  /** K, the number of classes of the flow; 1 without any. */
  public int classes() {
    return densityAnomaly.classes().length;
  }

  /** The share of the rows that are at most as likely, 0 to 1. */
  public double percentile(double logProbability) {
    return logProb.level(logProbability);
  }

  /**
   * A detector by density and reconstruction error, for rows that have one; by density alone where
   * the calibration's rows have none.
   *
   * @param falseAlarmRate the share of normal rows that may be taken for anomalies, above 0 and
   *     below 1
   */
  public AnomalyDetector detector(double falseAlarmRate) {
    return anomaly == null
        ? densityDetector(falseAlarmRate)
        : new AnomalyDetector(
            new AnomalyScore(logProb, reconstructionError), anomaly, falseAlarmRate);
  }

  /** A detector by density alone. */
  public AnomalyDetector densityDetector(double falseAlarmRate) {
    return new AnomalyDetector(new AnomalyScore(logProb, null), densityAnomaly, falseAlarmRate);
  }

  /** Indented JSON. */
  public String toJson() {
    return Json.tree(this).toPrettyString();
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if it is no JSON, of another version, or not complete
   */
  public static Calibration fromJson(String json) {
    return Json.read(json, Calibration.class, "no calibration: ");
  }
}
