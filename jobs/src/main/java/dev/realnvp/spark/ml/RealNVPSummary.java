package dev.realnvp.spark.ml;

import dev.realnvp.model.Manifest;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How a flow was trained.
 *
 * @param epochs the figures of each epoch
 */
public record RealNVPSummary(List<Epoch> epochs) {

  /**
   * What an epoch did.
   *
   * @param epoch counted from 1
   * @param seconds wall time of the training, without the validation
   * @param examples rows that were trained on
   * @param trainLoss mean negative log-likelihood of a row, in nats, before each step
   * @param validationLoss the same of the rows that were held out; NaN where there are none
   */
  public record Epoch(
      int epoch, double seconds, long examples, double trainLoss, double validationLoss) {}

  /** As the model's manifest has it. */
  static RealNVPSummary of(Manifest manifest) {
    return new RealNVPSummary(manifest.history().stream().map(RealNVPSummary::epoch).toList());
  }

  private static Epoch epoch(Map<String, Object> entry) {
    return new Epoch(
        (int) figure(entry, "epoch"),
        figure(entry, "seconds"),
        (long) figure(entry, "examples"),
        figure(entry, "train_loss"),
        figure(entry, "validation_loss"));
  }

  private static double figure(Map<String, Object> entry, String name) {
    return entry.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** The loss of each epoch, in nats a row. */
  public double[] trainLosses() {
    return figures(Epoch::trainLoss);
  }

  /** The validation loss of each epoch, in nats a row; NaN where there is none. */
  public double[] validationLosses() {
    return figures(Epoch::validationLoss);
  }

  private double[] figures(ToDoubleFunction<Epoch> figure) {
    return epochs.stream().mapToDouble(figure).toArray();
  }
}
