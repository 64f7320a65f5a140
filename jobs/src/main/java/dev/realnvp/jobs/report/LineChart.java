package dev.realnvp.jobs.report;

import dev.realnvp.model.EpochStats;
import dev.realnvp.scores.Detection;
import dev.realnvp.spark.summary.PosteriorQuality;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Lines: losses by epoch, and shares against shares. */
final class LineChart {

  private LineChart() {}

  /**
   * A training's two losses. An epoch without a figure is a gap.
   *
   * @param training of one epoch at least, with one loss at least
   */
  static DomContent losses(RunFacts.Training training) {
    List<EpochStats> epochs = training.epochs();
    EpochStats last = epochs.get(epochs.size() - 1);
    double[] losses =
        epochs.stream()
            .flatMapToDouble(epoch -> DoubleStream.of(epoch.trainLoss(), epoch.validationLoss()))
            .filter(Double::isFinite)
            .toArray();
    Frame frame =
        new Frame(
            Scale.whole("epoch", epochs.get(0).epoch(), last.epoch()),
            Scale.around(
                "loss, " + training.unit(),
                DoubleStream.of(losses).min().orElseThrow(),
                DoubleStream.of(losses).max().orElseThrow()));
    String description =
        String.format(
                Locale.ROOT,
                "Losses of %s by epoch: after epoch %d, %.4f in training",
                training.name(),
                last.epoch(),
                last.trainLoss())
            + (Double.isFinite(last.validationLoss())
                ? String.format(Locale.ROOT, ", %.4f in validation", last.validationLoss())
                : "");
    return frame.chart(
        description,
        List.of(
            frame.line(0, epochs.stream().map(e -> new double[] {e.epoch(), e.trainLoss()})),
            frame.line(1, epochs.stream().map(e -> new double[] {e.epoch(), e.validationLoss()}))));
  }

  /** How often the posterior is right, by what it says: a calibrated one is on the diagonal. */
  static DomContent reliability(List<PosteriorQuality.Bin> bins) {
    return shares(
        "probability of the most likely class",
        "share of rows that are of it",
        "Reliability of the posterior in %d bins".formatted(bins.size()),
        List.of(bins.stream().map(bin -> List.of(bin.confidence(), bin.accuracy())).toList()));
  }

  /** Receiver operating characteristics, by the score's name; four at most. */
  static DomContent detection(Map<String, Detection> scores) {
    return shares(
        "share of the other rows above a threshold",
        "share of the anomalies above it",
        "Receiver operating characteristic of " + String.join(", ", scores.keySet()),
        scores.values().stream().map(Detection::curve).toList());
  }

  /** From 0 to 1, with the diagonal. */
  private static DomContent shares(
      String horizontal, String vertical, String description, List<List<List<Double>>> curves) {
    Frame frame = new Frame(Scale.between(horizontal, 0, 1), Scale.between(vertical, 0, 1));
    List<DomContent> marks = new ArrayList<>();
    marks.add(Frame.path("axis", "M" + frame.at(0, 0) + "L" + frame.at(1, 1)));
    for (List<List<Double>> curve : curves) {
      Stream<double[]> points = curve.stream().map(at -> new double[] {at.get(0), at.get(1)});
      marks.add(frame.line(marks.size() - 1, points));
    }
    return frame.chart(description, marks);
  }
}
