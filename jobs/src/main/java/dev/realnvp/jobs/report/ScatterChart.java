package dev.realnvp.jobs.report;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Rows and samples in a plane: dots and crosses, coloured by label. */
final class ScatterChart {

  /** Half a cross. */
  private static final int ARM = 3;

  /** Colours of classes, which can be told apart on white and on black. */
  private static final List<String> COLOURS =
      List.of(
          "#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f", "#c9a227", "#b07aa1", "#ff7f9b",
          "#9c755f", "#8a8a8a");

  /** Degrees between the colours of neighbouring classes: the golden angle keeps all apart. */
  private static final double TURN = 137.508;

  private ScatterChart() {}

  static DomContent draw(Plane plane) {
    Frame frame =
        new Frame(
            scale("1st component (%.0f %% of the variance)", plane, 0),
            scale("2nd component (%.0f %%)", plane, 1));
    int classes = classes(plane);
    List<DomContent> marks = new ArrayList<>();
    marks.addAll(marks("dots", frame, plane.rows(), classes, (x, y) -> "M" + Svg.at(x, y) + "h0"));
    marks.addAll(marks("crosses", frame, plane.samples(), classes, ScatterChart::cross));
    return frame.chart(
        "%,d embeddings and %,d samples in the plane of their first two principal components"
            .formatted(plane.rows().size(), plane.samples().size()),
        marks);
  }

  /** K, one more than the greatest label that is shown; 1 where there are none. */
  static int classes(Plane plane) {
    return Stream.concat(plane.rows().stream(), plane.samples().stream())
            .mapToInt(ScatterChart::label)
            .max()
            .orElse(0)
        + 1;
  }

  private static int label(Plane.Point point) {
    return point.label() == null ? 0 : point.label();
  }

  private static Scale scale(String title, Plane plane, int axis) {
    double[] values =
        Stream.concat(plane.rows().stream(), plane.samples().stream())
            .flatMapToDouble(point -> DoubleStream.of(axis == 0 ? point.x() : point.y()))
            .toArray();
    return Scale.around(
        String.format(Locale.ROOT, title, 100 * plane.varianceShares()[axis]),
        DoubleStream.of(values).min().orElseThrow(),
        DoubleStream.of(values).max().orElseThrow());
  }

  private static String cross(double x, double y) {
    return "M%sl%s %sm0 %sl%s %s"
        .formatted(Svg.at(x - ARM, y - ARM), 2 * ARM, 2 * ARM, -2 * ARM, -2 * ARM, 2 * ARM);
  }

  /** A path a label. */
  private static List<DomContent> marks(
      String css,
      Frame frame,
      List<Plane.Point> points,
      int classes,
      BiFunction<Double, Double, String> mark) {
    Map<Integer, StringBuilder> paths = new TreeMap<>();
    for (Plane.Point point : points) {
      paths
          .computeIfAbsent(label(point), label -> new StringBuilder())
          .append(mark.apply(frame.x(point.x()), frame.y(point.y())));
    }
    List<DomContent> marks = new ArrayList<>();
    paths.forEach(
        (label, path) -> marks.add(Svg.path(css, colour(label, classes), path.toString())));
    return marks;
  }

  /** A class's colour, of so many. */
  static String colour(int label, int classes) {
    return classes <= COLOURS.size()
        ? COLOURS.get(label)
        : String.format(Locale.ROOT, "hsl(%.0f 60%% 50%%)", label * TURN % 360);
  }
}
