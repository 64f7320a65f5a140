package dev.realnvp.jobs;

import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.TrainingProgress;
import dev.realnvp.spark.data.Split;
import dev.realnvp.spark.flow.FlowListener;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.scores.Calibration;
import dev.realnvp.spark.training.TrainingPlan;
import java.util.List;
import java.util.Optional;
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

  /** Tells by which rows the flow is calibrated. */
  void calibrated(Optional<Calibration> calibration) {
    calibration.ifPresentOrElse(
        by ->
            Console.say(
                "calibrated on %,d %s rows%s",
                by.count(),
                by.split(),
                by.split().equals(Split.TRAIN)
                    ? ", as none are held out: expect more false alarms"
                    : ""),
        () -> Console.say("not calibrated: no row has a finite density"));
  }
}
