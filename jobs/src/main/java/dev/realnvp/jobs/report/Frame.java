package dev.realnvp.jobs.report;

import static j2html.TagCreator.emptyTag;
import static j2html.TagCreator.tag;

import dev.realnvp.model.Redaction;
import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What every chart stands in: two axes, with grid, ticks and titles. */
record Frame(Scale horizontal, Scale vertical) {

  /** How report.css draws the first line or histogram of a chart, the second and so on. */
  static final List<String> STYLES = List.of("first", "second", "third", "fourth");

  private static final int WIDTH = 480;
  private static final int HEIGHT = 300;
  private static final int LEFT = 62;
  private static final int RIGHT = WIDTH - 16;
  private static final int TOP = 30;
  private static final int BOTTOM = HEIGHT - 48;

  /** From a text's base line to what it stands below or beside. */
  private static final int GAP = 7;

  private static final int LINE = 18;

  double x(double value) {
    return LEFT + horizontal.share(value) * (RIGHT - LEFT);
  }

  double y(double value) {
    return BOTTOM - vertical.share(value) * (BOTTOM - TOP);
  }

  String at(double x, double y) {
    return point(x(x), y(y));
  }

  /**
   * The i-th line of the chart, through points; one without a finite y is a gap.
   *
   * @param points x and y of each
   */
  DomContent line(int i, Stream<double[]> points) {
    StringBuilder path = new StringBuilder();
    boolean drawing = false;
    for (double[] point : points.toList()) {
      boolean there = Double.isFinite(point[1]);
      if (there) {
        // A line of no length to the point itself, so that one without neighbours is seen.
        path.append(drawing ? "L" : "M").append(at(point[0], point[1])).append("h0");
      }
      drawing = there;
    }
    return path("series " + STYLES.get(i), path.toString());
  }

  ContainerTag<?> chart(String description, List<DomContent> marks) {
    List<DomContent> shapes = new ArrayList<>();
    for (double tick : vertical.ticks()) {
      shapes.add(line("grid", LEFT, y(tick), RIGHT, y(tick)));
      shapes.add(text("end", LEFT - GAP, y(tick) + 4, vertical.label(tick)));
    }
    for (double tick : horizontal.ticks()) {
      shapes.add(line("axis", x(tick), BOTTOM, x(tick), BOTTOM + 4));
      shapes.add(text("middle", x(tick), BOTTOM + LINE, horizontal.label(tick)));
    }
    shapes.add(line("axis", LEFT, BOTTOM, RIGHT, BOTTOM));
    shapes.add(text("start", GAP, TOP - 2 * GAP, vertical.title()));
    shapes.add(text("end", RIGHT, HEIGHT - GAP, horizontal.title()));
    shapes.addAll(marks);
    return picture(WIDTH, HEIGHT, description, shapes);
  }

  /**
   * A picture that grows with its place on the page.
   *
   * @param description for those who do not see it
   */
  static ContainerTag<?> picture(
      int width, int height, String description, List<DomContent> shapes) {
    return tag("svg")
        .attr("viewBox", "0 0 %s %s".formatted(width, height))
        .attr("role", "img")
        .attr("aria-label", Redaction.text(description))
        .with(shapes);
  }

  /** A small mark within a text, which says nothing by itself. */
  static DomContent mark(DomContent shape) {
    return tag("svg")
        .attr("class", "mark")
        .attr("viewBox", "0 0 24 12")
        .attr("aria-hidden", "true")
        .with(shape);
  }

  static DomContent line(String css, double x1, double y1, double x2, double y2) {
    return path(css, "M" + point(x1, y1) + "L" + point(x2, y2));
  }

  static DomContent path(String css, String commands) {
    return emptyTag("path").attr("class", css).attr("d", commands);
  }

  /**
   * A text.
   *
   * @param css "start", "middle" or "end", where it lies at x
   */
  static DomContent text(String css, double x, double y, String words) {
    return tag("text")
        .attr("class", css)
        .attr("x", number(x))
        .attr("y", number(y))
        .with(Html.words(words));
  }

  private static String point(double x, double y) {
    return number(x) + " " + number(y);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
