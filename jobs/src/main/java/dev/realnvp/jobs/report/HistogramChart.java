package dev.realnvp.jobs.report;

import dev.realnvp.flow.StandardNormal;
import dev.realnvp.spark.summary.Histogram;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Densities of values, as steps. */
final class HistogramChart {

  private static final int CURVE_POINTS = 120;

  private HistogramChart() {}

  /**
   * Where the flow takes values, against the density that they should have.
   *
   * @param values at least one
   */
  static DomContent normal(Histogram values) {
    DoubleUnaryOperator normal =
        z -> Math.exp(StandardNormal.logProb(new float[] {(float) z}, 0, 1));
    Frame frame = frame("z", "density", List.of(values), normal.applyAsDouble(0));
    double step = (values.high() - values.low()) / CURVE_POINTS;
    DomContent curve =
        frame.line(
            1,
            IntStream.rangeClosed(0, CURVE_POINTS)
                .mapToDouble(i -> values.low() + i * step)
                .mapToObj(z -> new double[] {z, normal.applyAsDouble(z)}));
    return frame.chart(
        "Histogram of all features in base space, and the standard normal density",
        List.of(Frame.path("steps first", steps(frame, values)), curve));
  }

  /**
   * The values of a score, a histogram per table; three at most.
   *
   * @param score its name
   * @param unit of the horizontal axis
   * @param threshold drawn as a line; not finite for none
   */
  static DomContent scores(
      String score, String horizontal, String unit, List<Scores.Table> tables, double threshold) {
    List<Histogram> histograms = tables.stream().map(Scores.Table::values).toList();
    Frame frame = frame(horizontal, "share of the rows per " + unit, histograms, 0);
    List<DomContent> marks = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < histograms.size(); i++) {
      marks.add(Frame.path("steps " + Frame.STYLES.get(i), steps(frame, histograms.get(i))));
      names.add(tables.get(i).name());
    }
    if (shows(tables, threshold)) {
      marks.add(
          Frame.path(
              "threshold",
              "M"
                  + frame.at(threshold, frame.vertical().low())
                  + "L"
                  + frame.at(threshold, frame.vertical().high())));
    }
    return frame.chart("Histograms of " + score + " of " + String.join(", ", names), marks);
  }

  /** Whether a value is within the bins. */
  static boolean shows(List<Scores.Table> tables, double value) {
    Histogram first = tables.get(0).values();
    return value >= first.low() && value <= first.high();
  }

  private static Frame frame(
      String horizontal, String vertical, List<Histogram> histograms, double least) {
    double highest = least;
    for (Histogram histogram : histograms) {
      for (int bin = 0; bin < histogram.counts().length; bin++) {
        highest = Math.max(highest, histogram.density(bin));
      }
    }
    Histogram first = histograms.get(0);
    return new Frame(
        Scale.between(horizontal, first.low(), first.high()), Scale.around(vertical, 0, highest));
  }

  private static String steps(Frame frame, Histogram histogram) {
    StringBuilder path = new StringBuilder("M" + frame.at(histogram.low(), 0));
    for (int bin = 0; bin < histogram.counts().length; bin++) {
      double density = histogram.density(bin);
      path.append("L").append(frame.at(histogram.edge(bin), density));
      path.append("L").append(frame.at(histogram.edge(bin + 1), density));
    }
    return path.append("L").append(frame.at(histogram.high(), 0)).toString();
  }

  /** {@code 12 of 5,000 are further to the left}, where some are outside; else empty. */
  static String outside(Histogram histogram) {
    List<String> sides = new ArrayList<>();
    if (histogram.below() > 0) {
      sides.add(String.format(Locale.ROOT, "%,d lie further to the left", histogram.below()));
    }
    if (histogram.above() > 0) {
      sides.add(String.format(Locale.ROOT, "%,d further to the right", histogram.above()));
    }
    return String.join(", ", sides);
  }
}
