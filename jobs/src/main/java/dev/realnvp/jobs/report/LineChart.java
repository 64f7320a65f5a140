package dev.realnvp.jobs.report;

import dev.realnvp.model.EpochStats;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** Losses by epoch. */
final class LineChart {

  private LineChart() {}

  /**
   * Draws a training's two lines. An epoch without a figure is a gap.
   *
   * @param training of one epoch at least, with one loss at least
   */
  static DomContent losses(RunFacts.Training training) {
    List<EpochStats> epochs = training.epochs();
    double[] losses =
        epochs.stream()
            .flatMapToDouble(epoch -> DoubleStream.of(epoch.trainLoss(), epoch.validationLoss()))
            .filter(Double::isFinite)
            .toArray();
    Frame frame =
        new Frame(
            Scale.whole("epoch", epochs.get(0).epoch(), epochs.get(epochs.size() - 1).epoch()),
            Scale.around(
                "loss, " + training.unit(),
                DoubleStream.of(losses).min().orElseThrow(),
                DoubleStream.of(losses).max().orElseThrow()));
    List<DomContent> lines = new ArrayList<>();
    lines.add(Svg.path("series first", line(frame, epochs, EpochStats::trainLoss)));
    lines.add(Svg.path("series second", line(frame, epochs, EpochStats::validationLoss)));
    return frame.chart(description(training.name(), epochs.get(epochs.size() - 1)), lines);
  }

  private static String description(String name, EpochStats last) {
    return String.format(
            Locale.ROOT,
            "Losses of %s by epoch: after epoch %d, %.4f in training",
            name,
            last.epoch(),
            last.trainLoss())
        + (Double.isFinite(last.validationLoss())
            ? String.format(Locale.ROOT, ", %.4f in validation", last.validationLoss())
            : "");
  }

  private static String line(
      Frame frame, List<EpochStats> epochs, ToDoubleFunction<EpochStats> figure) {
    StringBuilder path = new StringBuilder();
    boolean drawing = false;
    for (EpochStats epoch : epochs) {
      double loss = figure.applyAsDouble(epoch);
      if (Double.isFinite(loss)) {
        // A line of no length to the point itself, so that one without neighbours is seen.
        path.append(drawing ? "L" : "M").append(frame.at(epoch.epoch(), loss)).append("h0");
      }
      drawing = Double.isFinite(loss);
    }
    return path.toString();
  }
}
