package dev.realnvp.jobs.report;

import dev.realnvp.scores.Detection;
import dev.realnvp.spark.summary.PosteriorQuality;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shares against shares, from 0 to 1, with the diagonal. */
final class CurveChart {

  private CurveChart() {}

  /** How often the posterior is right, by what it says: a calibrated one is on the diagonal. */
  static DomContent reliability(List<PosteriorQuality.Bin> bins) {
    return draw(
        "probability of the most likely class",
        "share of rows that are of it",
        "Reliability of the posterior in %d bins".formatted(bins.size()),
        List.of(bins.stream().map(bin -> List.of(bin.confidence(), bin.accuracy())).toList()));
  }

  /** Receiver operating characteristics, by the score's name; three at most. */
  static DomContent detection(Map<String, Detection> scores) {
    return draw(
        "share of the other rows above a threshold",
        "share of the anomalies above it",
        "Receiver operating characteristic of " + String.join(", ", scores.keySet()),
        scores.values().stream().map(Detection::curve).toList());
  }

  private static DomContent draw(
      String horizontal, String vertical, String description, List<List<List<Double>>> curves) {
    Frame frame = new Frame(Scale.between(horizontal, 0, 1), Scale.between(vertical, 0, 1));
    List<DomContent> marks = new ArrayList<>();
    marks.add(Svg.path("axis", "M" + frame.at(0, 0) + "L" + frame.at(1, 1)));
    for (int i = 0; i < curves.size(); i++) {
      StringBuilder path = new StringBuilder();
      for (List<Double> point : curves.get(i)) {
        // A line of no length to the point itself, so that one without neighbours is seen.
        path.append(path.isEmpty() ? "M" : "L")
            .append(frame.at(point.get(0), point.get(1)))
            .append("h0");
      }
      marks.add(Svg.path("series " + HistogramChart.style(i), path.toString()));
    }
    return frame.chart(description, marks);
  }
}
