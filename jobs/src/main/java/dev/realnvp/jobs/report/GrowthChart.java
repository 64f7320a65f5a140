package dev.realnvp.jobs.report;

import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.style;

import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/** How a cost grows with a size: lines over doublings, as an SVG file of its own. */
public final class GrowthChart {

  /** From a line up to its name. */
  private static final int LIFT = 8;

  private GrowthChart() {}

  /**
   * Draws the lines, whose names stand at their last points. The vertical axis has 0.
   *
   * @param description for those who do not see it
   * @param horizontal title of the sizes
   * @param vertical title of the costs, with the unit
   * @param lines by name: costs by size, which is positive; three at most, none empty
   */
  public static String svg(
      String description,
      String horizontal,
      String vertical,
      Map<String, SortedMap<Double, Double>> lines) {
    SortedMap<Double, Double> all = new TreeMap<>();
    lines.values().forEach(all::putAll);
    double[] costs =
        lines.values().stream()
            .flatMapToDouble(line -> line.values().stream().mapToDouble(cost -> cost))
            .toArray();
    double lowest = DoubleStream.of(costs).reduce(0, Math::min);
    double highest = DoubleStream.of(costs).reduce(0, Math::max);
    Frame frame =
        new Frame(
            Scale.doublings(horizontal, all.firstKey(), all.lastKey()),
            Scale.around(vertical, lowest, highest));
    List<DomContent> marks = new ArrayList<>();
    lines.forEach(
        (name, line) -> {
          marks.add(
              frame.line(
                  marks.size() / 2,
                  line.entrySet().stream()
                      .map(point -> new double[] {point.getKey(), point.getValue()})));
          double end = line.lastKey();
          marks.add(Frame.text("end", frame.x(end), frame.y(line.get(end)) - LIFT, name));
        });
    ContainerTag<?> picture =
        frame
            .chart(description, marks)
            .attr("xmlns", "http://www.w3.org/2000/svg")
            .with(style(rawHtml(Page.css())));
    return Page.xml(picture) + "\n";
  }
}
