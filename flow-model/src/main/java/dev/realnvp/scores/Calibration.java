package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.realnvp.model.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The distribution of a flow's scores over held-out rows, with which other rows are compared.
 * Stored as {@code calibration.json} beside the flow.
 *
 * @param version of this format
 * @param split of the rows: test, validation or train
 * @param logProb log p(x), in nats
 * @param reconstructionError what the rows' images lost, in nats per pixel; null if that was not
 *     known, or the next is
 * @param relativeError what they lost in proportion; null if that was not known
 * @param distance how far the rows lie from the train rows; null if an error is known, or the flow
 *     does not standardise
 * @param logProbZ the log-density along the features' curves, which the anomaly score is of if it
 *     is of the distance too; null if there is none
 * @param densityAnomaly the anomaly score from log p(x) alone
 * @param anomaly the anomaly score from log p(x) and the error or distance; null without either
 * @param temperature of the posteriors; null if there were too few rows with a class, or none
 */
public record Calibration(
    @JsonProperty("version") int version,
    @JsonProperty("split") String split,
    @JsonProperty("log_prob") Distribution logProb,
    @JsonProperty(RECONSTRUCTION_ERROR) @JsonInclude(JsonInclude.Include.NON_NULL)
        Distribution reconstructionError,
    @JsonProperty(RELATIVE_ERROR) @JsonInclude(JsonInclude.Include.NON_NULL)
        Distribution relativeError,
    @JsonProperty(DISTANCE) @JsonInclude(JsonInclude.Include.NON_NULL) Distribution distance,
    @JsonProperty(LOG_PROB_Z) @JsonInclude(JsonInclude.Include.NON_NULL) Distribution logProbZ,
    @JsonProperty("density_anomaly") ClassDistributions densityAnomaly,
    @JsonProperty("anomaly") @JsonInclude(JsonInclude.Include.NON_NULL) ClassDistributions anomaly,
    @JsonProperty("temperature") @JsonInclude(JsonInclude.Include.NON_NULL)
        Temperature temperature) {

  /** Binary cross-entropies, nats per pixel. */
  public static final String RECONSTRUCTION_ERROR = "reconstruction_error";

  /** Those without the images' own entropy, in proportion to what there is in the images. */
  public static final String RELATIVE_ERROR = "relative_error";

  /**
   * What a row's features are worth, each by itself; {@code ClassMixture.Scores} has its formula.
   */
  public static final String DISTANCE = "distance";

  /** The log-density of what a row's features are along their curves, which has no unit. */
  public static final String LOG_PROB_Z = "log_prob_z";

  private static final int VERSION = 3;

  /**
   * @throws IllegalArgumentException if it has another version, or is not complete
   */
  public Calibration {
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "version: got %d, expected %d".formatted(version, VERSION));
    }
    if (split == null || logProb == null || densityAnomaly == null) {
      throw new IllegalArgumentException("split, log_prob or density_anomaly is missing");
    }
    long known =
        Stream.of(reconstructionError, relativeError, distance).filter(Objects::nonNull).count();
    if (known > 1) {
      throw new IllegalArgumentException(
          "got %d of reconstruction_error, relative_error and distance, expected at most one"
              .formatted(known));
    }
    if ((known == 0) != (anomaly == null)) {
      throw new IllegalArgumentException(
          "expected both of an error or distance and anomaly, or neither");
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
   * @param rows at least 1, with finite scores
   * @param classes K, the number of classes; 1 without classes
   * @param split of the rows
   */
  public static Calibration of(ScoredRows rows, int classes, String split) {
    AnomalyDetector.Score density =
        new AnomalyDetector.Score(Distribution.of(rows.logProb()), null, null, null);
    ClassDistributions densityAnomaly =
        ClassDistributions.of(density.of(rows), rows.mostLikelyClass(), classes);
    Distribution error = rows.reconstructed() ? Distribution.of(rows.errors()) : null;
    Distribution logProbZ =
        DISTANCE.equals(rows.error()) && rows.logProbZ().length > 0
            ? Distribution.of(rows.logProbZ())
            : null;
    AnomalyDetector.Score both =
        new AnomalyDetector.Score(density.logProb(), logProbZ, rows.error(), error);
    return new Calibration(
        VERSION,
        split,
        density.logProb(),
        RECONSTRUCTION_ERROR.equals(rows.error()) ? error : null,
        RELATIVE_ERROR.equals(rows.error()) ? error : null,
        DISTANCE.equals(rows.error()) ? error : null,
        logProbZ,
        densityAnomaly,
        error == null
            ? null
            : ClassDistributions.of(both.of(rows), rows.mostLikelyClass(), classes),
        null);
  }

  /** The same with a temperature; null for none. */
  public Calibration with(Temperature found) {
    return new Calibration(
        version,
        split,
        logProb,
        reconstructionError,
        relativeError,
        distance,
        logProbZ,
        densityAnomaly,
        anomaly,
        found);
  }

  /** The number of rows. */
  public long count() {
    return logProb.count();
  }

  /** K, the number of classes of the flow; 1 without any. */
  public int classes() {
    return densityAnomaly.classes().length;
  }

  /**
   * The share of the rows that are far less likely than the others, 0 to 1, to a thousandth.
   *
   * @param trim how many interquartile ranges below the quartile they lie
   */
  public double outlierShare(double trim) {
    return logProb.shareBelow(trim);
  }

  /** The column of the errors, or distances, that the anomaly score includes; empty if none. */
  public Optional<String> errorColumn() {
    return anomaly == null
        ? Optional.empty()
        : Optional.of(
            distance != null
                ? DISTANCE
                : relativeError == null ? RECONSTRUCTION_ERROR : RELATIVE_ERROR);
  }

  private AnomalyDetector.Score both() {
    Distribution error =
        Stream.of(reconstructionError, relativeError, distance)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    return new AnomalyDetector.Score(logProb, logProbZ, errorColumn().orElse(null), error);
  }

  /**
   * A detector based on density and error, for rows that have one by {@link #errorColumn}; on
   * density alone if the calibration's rows have none.
   *
   * @param falseAlarmRate the share of normal rows that may be marked as anomalies, above 0 and
   *     below 1
   */
  public AnomalyDetector detector(double falseAlarmRate) {
    return anomaly == null
        ? densityDetector(falseAlarmRate)
        : new AnomalyDetector(both(), anomaly, falseAlarmRate);
  }

  /**
   * The detector for rows of which some errors are known.
   *
   * @param errors the columns of the errors; distances are always known
   */
  public AnomalyDetector detector(List<String> errors, double falseAlarmRate) {
    return distance != null || errorColumn().filter(errors::contains).isPresent()
        ? detector(falseAlarmRate)
        : densityDetector(falseAlarmRate);
  }

  /** A detector based on density alone. */
  public AnomalyDetector densityDetector(double falseAlarmRate) {
    return new AnomalyDetector(density(), densityAnomaly, falseAlarmRate);
  }

  /**
   * The score of a row of which no error is known.
   *
   * @param logProbability log p(x), in nats
   * @param alongCurves the log-density along the features' curves; of no matter without a distance
   * @param from its distance; of no matter if there is none in the calibration
   */
  public double score(double logProbability, double alongCurves, double from) {
    AnomalyDetector.Score score = distance == null ? density() : both();
    return score.of(score.logProbZ() == null ? logProbability : alongCurves, from);
  }

  private AnomalyDetector.Score density() {
    return new AnomalyDetector.Score(logProb, null, null, null);
  }

  /** Indented JSON. */
  public String toJson() {
    return Json.tree(this).toPrettyString();
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if it is not JSON, has another version, or is not complete
   */
  public static Calibration fromJson(String json) {
    return Json.read(json, Calibration.class, "no calibration: ");
  }

  /**
   * The distribution of a score over all rows, and over the rows of each most likely class.
   *
   * @param all over all rows
   * @param classes over the rows of each class, from 0; null for a class without rows
   */
  public record ClassDistributions(
      @JsonProperty("all") Distribution all, @JsonProperty("classes") Distribution[] classes) {

    /**
     * @throws IllegalArgumentException if there is no distribution over all rows, or no class
     */
    public ClassDistributions {
      if (all == null || classes == null || classes.length == 0) {
        throw new IllegalArgumentException(
            "expected a distribution of all rows, and of each class");
      }
    }

    /**
     * The distributions of scores.
     *
     * @param scores {@code [N]}, at least 1, finite
     * @param mostLikelyClass the rows' classes, {@code [N]}
     * @param count K, the number of classes
     */
    static ClassDistributions of(double[] scores, int[] mostLikelyClass, int count) {
      Distribution[] classes = new Distribution[count];
      IntStream.range(0, scores.length)
          .boxed()
          .collect(Collectors.groupingBy(i -> mostLikelyClass[i]))
          .forEach((k, rows) -> classes[k] = Distribution.of(pick(scores, rows)));
      return new ClassDistributions(Distribution.of(scores), classes);
    }

    private static double[] pick(double[] scores, List<Integer> rows) {
      return rows.stream().mapToDouble(i -> scores[i]).toArray();
    }

    /** The thresholds of the classes, {@code [K]}; infinite for one without rows. */
    double[] classThresholds(double falseAlarmRate) {
      return Arrays.stream(classes)
          .mapToDouble(c -> c == null ? Double.POSITIVE_INFINITY : c.threshold(falseAlarmRate))
          .toArray();
    }
  }
}
