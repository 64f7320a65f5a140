package dev.realnvp.jobs.report;

import static j2html.TagCreator.emptyTag;
import static j2html.TagCreator.tag;

import dev.realnvp.model.Redaction;
import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;

/** The shapes that charts are made of; their colours and widths stand in report.css. */
final class Svg {

  private Svg() {}

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
    return path(css, "M" + at(x1, y1) + "L" + at(x2, y2));
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

  /** A point of a path. */
  static String at(double x, double y) {
    return number(x) + " " + number(y);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
