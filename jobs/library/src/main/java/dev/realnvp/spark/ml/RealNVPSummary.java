package dev.realnvp.spark.ml;

import dev.realnvp.model.EpochStats;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How a flow was trained.
 *
 * @param epochs the figures of each epoch; losses are mean negative log-likelihoods, nats per row
 */
public record RealNVPSummary(List<EpochStats> epochs) {

  /** The loss of each epoch, in nats per row. */
  public double[] trainLosses() {
    return figures(EpochStats::trainLoss);
  }

  /** The validation loss of each epoch, in nats per row; NaN where there is none. */
  public double[] validationLosses() {
    return figures(EpochStats::validationLoss);
  }

  private double[] figures(ToDoubleFunction<EpochStats> figure) {
    return epochs.stream().mapToDouble(figure).toArray();
  }
}
