package dev.realnvp.jobs.cli;

import dev.realnvp.spark.training.EpochStats;
import dev.realnvp.spark.training.RoundProgress;
import dev.realnvp.spark.training.TrainingListener;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows a training as it goes: a bar an epoch on a terminal, and a line an epoch with the losses,
 * examples a second and the time left.
 */
public final class TrainingProgress implements TrainingListener, AutoCloseable {

  private final int epochs;
  private final String unit;
  private double seconds;
  private ProgressBar bar;

  /**
   * @param epochs how many there will be
   * @param unit of the loss, "nats" say
   */
  public TrainingProgress(int epochs, String unit) {
    this.epochs = epochs;
    this.unit = unit;
  }

  @Override
  public void roundDone(RoundProgress round) {
    if (!Console.interactive()) {
      return;
    }
    if (bar == null) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("    epoch " + round.epoch() + "/" + epochs)
              .setInitialMax(round.examplesInEpoch())
              .setStyle(ProgressBarStyle.ASCII)
              .build();
    }
    bar.stepTo(round.examplesDone());
    bar.setExtraMessage(String.format(Locale.ROOT, " loss %.4f", round.trainLoss()));
  }

  @Override
  public void epochDone(EpochStats epoch) {
    close();
    seconds += epoch.seconds();
    double left = seconds / epoch.epoch() * (epochs - epoch.epoch());
    String validation =
        Double.isNaN(epoch.validationLoss())
            ? ""
            : String.format(Locale.ROOT, "  validation %.4f", epoch.validationLoss());
    Console.say(
        "epoch %d/%d  loss %.4f%s %s  %,.0f examples/s  %.1f s  left %s",
        epoch.epoch(),
        epochs,
        epoch.trainLoss(),
        validation,
        unit,
        epoch.examples() / epoch.seconds(),
        epoch.seconds(),
        Console.clock(left));
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
