package dev.realnvp.jobs;

import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.TrainingProgress;
import dev.realnvp.spark.flow.FlowListener;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.scores.Calibration;
import dev.realnvp.spark.table.Split;
import dev.realnvp.spark.training.TrainingPlan;
import java.util.List;
import java.util.stream.Collectors;

/** Shows the training of a flow. */
final class FlowProgress extends TrainingProgress implements FlowListener {

  /** How many features a line names at most. */
  private static final int NAMED = 10;

  FlowProgress(TrainingPlan plan) {
    super(plan.settings().epochs(), FlowModel.UNIT);
  }

  @Override
  public void constantFeatures(List<Integer> constant, int features) {
    Console.say(
        "%,d of %,d features are constant, or nearly so, and are not scaled: %s",
        constant.size(), features, some(constant));
  }

  /** The first of them, counted from 0. */
  private static String some(List<Integer> features) {
    String first =
        features.stream().limit(NAMED).map(String::valueOf).collect(Collectors.joining(", "));
    return features.size() > NAMED ? first + " ..." : first;
  }

  @Override
  public void calibrated(Calibration calibration) {
    Console.say(
        "calibrated on %,d %s rows%s",
        calibration.count(),
        calibration.split(),
        calibration.split().equals(Split.TRAIN)
            ? ", as none are held out: expect more false alarms"
            : "");
  }

  @Override
  public void notCalibrated(String reason) {
    Console.warn(
        "not calibrated, the flow is written without, and score.sh finds no anomalies: " + reason);
  }
}
