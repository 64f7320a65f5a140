package dev.realnvp.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an epoch of a training did. NaN for a figure that there is none of, which JSON has as null.
 *
 * @param epoch counted from 1 within this training
 * @param seconds wall time of the training alone, validation excluded
 * @param averagingSeconds the part of {@code seconds} beyond the fitting of each round's slowest
 *     worker: broadcasts, scheduling, results, means; NaN with DL4J's own master
 * @param waitingSeconds how long a worker, on average, had no minibatch to fit while the slowest of
 *     a round was fitting; not in {@code averagingSeconds}; NaN with DL4J's own master
 * @param examples rows that were trained on
 * @param trainLoss mean over examples of the minibatch losses, each taken before its step, in the
 *     model's unit (nats per row for a flow); with DL4J's own master the mean over workers of each
 *     one's last minibatch, all that it reports
 * @param validationLoss the loss of the rows that were held out, NaN without any
 */
public record EpochStats(
    int epoch,
    double seconds,
    double averagingSeconds,
    double waitingSeconds,
    long examples,
    double trainLoss,
    double validationLoss) {

  /** The same epoch, validated. */
  public EpochStats withValidationLoss(double loss) {
    return new EpochStats(
        epoch, seconds, averagingSeconds, waitingSeconds, examples, trainLoss, loss);
  }

  /** The first epoch, from 1, of the lowest validation loss; 0 if none has a finite one. */
  public static int best(List<EpochStats> history) {
    int best = 0;
    double lowest = Double.POSITIVE_INFINITY;
    for (EpochStats epoch : history) {
      if (epoch.validationLoss < lowest) {
        lowest = epoch.validationLoss;
        best = epoch.epoch;
      }
    }
    return best;
  }

  @JsonCreator
  static EpochStats of(Map<String, Object> json) {
    return new EpochStats(
        (int) figure(json, "epoch"),
        figure(json, "seconds"),
        figure(json, "averaging_seconds"),
        figure(json, "waiting_seconds"),
        (long) figure(json, "examples"),
        figure(json, "train_loss"),
        figure(json, "validation_loss"));
  }

  private static double figure(Map<String, Object> json, String name) {
    // Infinity is a string in JSON.
    Object value = json.get(name);
    return value == null ? Double.NaN : Double.parseDouble(value.toString());
  }

  @JsonValue
  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("epoch", epoch);
    json.put("seconds", orNull(seconds));
    json.put("averaging_seconds", orNull(averagingSeconds));
    json.put("waiting_seconds", orNull(waitingSeconds));
    json.put("examples", examples);
    json.put("train_loss", orNull(trainLoss));
    json.put("validation_loss", orNull(validationLoss));
    return json;
  }

  private static Double orNull(double figure) {
    return Double.isNaN(figure) ? null : figure;
  }
}
