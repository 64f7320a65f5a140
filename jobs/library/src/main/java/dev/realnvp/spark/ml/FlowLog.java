package dev.realnvp.spark.ml;

import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.EpochStats;
import dev.realnvp.spark.flow.FlowListener;
import dev.realnvp.spark.flow.Preset;
import dev.realnvp.spark.training.TrainingPlan;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs a training, since a program has its console for itself. */
final class FlowLog implements FlowListener {

  private static final Logger LOG = LoggerFactory.getLogger(RealNVP.class);

  private final long validationRows;
  private final FitListener told;
  private int epochs;

  /**
   * @param told of each epoch, too; null if it did not come with the stage
   */
  FlowLog(long validationRows, FitListener told) {
    this.validationRows = validationRows;
    this.told = told;
  }

  @Override
  public void constantFeatures(List<Integer> constant, int features) {
    LOG.warn(
        "{} of {} features are constant, or nearly so, and are not scaled: {}",
        constant.size(),
        features,
        constant);
  }

  @Override
  public void fitted(Preset preset, RealNVPConfig flow, double noise, double l2) {
    LOG.info("preset {} ({}): {}, noise {}, L2 {}", preset, preset.tables(), flow, noise, l2);
  }

  @Override
  public void starts(long parameters, TrainingPlan plan) {
    epochs = plan.settings().epochs();
    LOG.info("{} parameters, {} workers", parameters, plan.workers());
    if (told == null) {
      LOG.warn("no listener is told: Java's serialization leaves it out, set it again if need be");
    }
  }

  @Override
  public void epochDone(EpochStats epoch) {
    double rowsPerSecond = epoch.examples() / epoch.seconds();
    LOG.info(
        "epoch {} of {}: loss {}{} nats, {} rows per second",
        epoch.epoch(),
        epochs,
        epoch.trainLoss(),
        validationRows == 0 ? "" : ", validation " + epoch.validationLoss(),
        Math.round(rowsPerSecond));
    if (told != null) {
      told.epochDone(epoch.epoch(), epoch.trainLoss(), epoch.validationLoss(), rowsPerSecond);
    }
  }

  @Override
  public void bestKept(EpochStats best, EpochStats last) {
    LOG.info("epoch {} of {} is kept, the best", best.epoch(), last.epoch());
  }

  @Override
  public void notCalibrated(String reason) {
    LOG.warn("not calibrated, so that anomalyCol and anomalyScoreCol stay null: {}", reason);
  }
}
