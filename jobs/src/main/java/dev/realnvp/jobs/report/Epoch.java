package dev.realnvp.jobs.report;

import dev.realnvp.spark.training.EpochStats;
import java.util.Map;

/**
 * An epoch of a training; NaN for a figure that there is none of.
 *
 * @param epoch counted from 1
 * @param seconds wall time of the training alone
 * @param averagingSeconds the part that averaging took
 * @param waitingSeconds the part that a worker waited for the slowest, on the average
 */
public record Epoch(
    double epoch,
    double seconds,
    double averagingSeconds,
    double waitingSeconds,
    double trainLoss,
    double validationLoss) {

  /** As a manifest's history has it. */
  public static Epoch of(Map<String, Object> entry) {
    return new Epoch(
        figure(entry, "epoch"),
        figure(entry, "seconds"),
        figure(entry, "averaging_seconds"),
        figure(entry, "waiting_seconds"),
        figure(entry, "train_loss"),
        figure(entry, "validation_loss"));
  }

  /** As a checkpoint's history has it. */
  public static Epoch of(EpochStats stats) {
    return new Epoch(
        stats.epoch(),
        stats.seconds(),
        stats.averagingSeconds(),
        stats.waitingSeconds(),
        stats.trainLoss(),
        stats.validationLoss());
  }

  private static double figure(Map<String, Object> entry, String name) {
    return entry.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
