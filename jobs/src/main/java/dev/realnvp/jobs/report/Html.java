package dev.realnvp.jobs.report;

import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.img;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;
import static j2html.TagCreator.ul;

import dev.realnvp.model.Redaction;
import j2html.tags.DomContent;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The pieces that a report's sections are made of. */
final class Html {

  /** In the place of a figure that there is none of. */
  static final String NONE = "\u2013";

  private static final int SHORT = 16;

  private Html() {}

  /** A text from outside, credentials masked; j2html escapes it. */
  static DomContent words(String words) {
    return text(Redaction.text(words));
  }

  /** A row of a table that is such texts. */
  static List<DomContent> texts(String... texts) {
    return Stream.of(texts).map(Html::words).toList();
  }

  /** What is there, drawn; or why it is not. */
  static <T> DomContent content(Content<T> content, Function<T, DomContent> draw) {
    return content instanceof Content.Absent<T> absent
        ? p(words(absent.reason())).withClass("missing")
        : draw.apply(((Content.Present<T>) content).value());
  }

  /**
   * A picture or a chart with its heading, and what is to be said of it below.
   *
   * @param picture null for none
   */
  static DomContent captioned(String heading, DomContent picture, DomContent... below) {
    return figure(h3(words(heading)), picture, figcaption(below));
  }

  /** A picture in the page itself. */
  static DomContent png(String description, byte[] png) {
    return img()
        .withAlt(Redaction.text(description))
        .withSrc("data:image/png;base64," + Base64.getEncoder().encodeToString(png));
  }

  /**
   * What the marks of a chart mean.
   *
   * @param names of what they stand for
   * @param mark draws the i-th one's
   */
  static DomContent legend(List<String> names, IntFunction<DomContent> mark) {
    return ul(each(
            IntStream.range(0, names.size())
                .<DomContent>mapToObj(i -> li(mark.apply(i), words(" " + names.get(i))))))
        .withClass("legend");
  }

  /** What the lines of a chart mean, in the order of their styles. */
  static DomContent legend(String... names) {
    return legend(
        List.of(names), i -> Frame.mark(Frame.line("series " + Frame.STYLES.get(i), 0, 6, 24, 6)));
  }

  /** A table, that on a phone has each row as a list. */
  static DomContent rows(List<String> columns, List<List<DomContent>> rows) {
    return table(
        thead(tr(each(columns, column -> th(column).attr("scope", "col")))),
        tbody(each(rows, row -> tr(each(row, (i, cell) -> cell(columns.get(i), cell))))));
  }

  /** A table with a row of texts for each of these. */
  static <K, V> DomContent rows(
      List<String> columns, Map<K, V> of, BiFunction<K, V, List<DomContent>> row) {
    return rows(
        columns, of.entrySet().stream().map(e -> row.apply(e.getKey(), e.getValue())).toList());
  }

  private static DomContent cell(String column, DomContent content) {
    // Numbers and short names stay in one line, so that their columns are wide enough.
    return td(span(content))
        .attr("data-column", column)
        .withCondClass(content.render().length() <= SHORT, "short");
  }

  /** A figure; a dash where there is none. */
  static String number(Double value) {
    if (value == null || !Double.isFinite(value)) {
      return NONE;
    }
    return Numbers.text(value);
  }

  /** A share in percents; a dash where there is none. */
  static String percent(Double share) {
    return share == null || !Double.isFinite(share) ? NONE : Numbers.percent(share);
  }
}
