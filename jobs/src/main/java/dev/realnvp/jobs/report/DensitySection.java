package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.text;

import dev.realnvp.flow.Explainer;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Embeddings and their density: the plane, base space, and the scores. */
final class DensitySection {

  /** More than these in a legend nobody reads. */
  private static final int MOST_IN_LEGEND = 20;

  private DensitySection() {}

  static DomContent of(RunFacts run) {
    return section(
        h2("Embeddings and their density"),
        div(
                Html.captioned("Embeddings", Html.content(run.embeddings(), DensitySection::plane)),
                Html.captioned("Base space", Html.content(run.base(), DensitySection::base)),
                Html.captioned("Scores", Html.content(run.scores(), DensitySection::scores)))
            .withClass("figures"),
        run.scores() instanceof Content.Present<Scores> there
                && !there.value().strangest().isEmpty()
            ? strangest(there.value())
            : text(""));
  }

  private static DomContent strangest(Scores scores) {
    Map<Long, byte[]> pictures =
        scores.pictures() instanceof Content.Present<Map<Long, byte[]>> there
            ? there.value()
            : Map.of();
    List<String> columns = new ArrayList<>(List.of("Row", "log p(x)", "Why"));
    List<List<DomContent>> rows = new ArrayList<>();
    for (Scores.StrangeRow row : scores.strangest()) {
      List<DomContent> cells =
          new ArrayList<>(
              Html.texts(
                  Long.toString(row.id()),
                  Html.number(row.logProb()),
                  row.repairs().stream()
                      .map(DensitySection::reason)
                      .collect(Collectors.joining("; "))));
      if (!pictures.isEmpty()) {
        cells.add(picture(row.id(), pictures.get(row.id())));
      }
      rows.add(cells);
    }
    if (!pictures.isEmpty()) {
      columns.add("Pictures");
    }
    return div(
        h3("The strangest rows"),
        Html.rows(columns, rows),
        p(
            "Features are counted from 0. Nats are what log p(x) rises by if the value is replaced."
                + (pictures.isEmpty()
                    ? ""
                    : " Pictures: the row's image, what the autoencoder decodes of its embedding,"
                        + " and what it decodes with the normal values.")),
        scores.pictures() instanceof Content.Absent<Map<Long, byte[]>> absent
            ? p(words("No pictures: " + absent.reason())).withClass("missing")
            : text(""));
  }

  private static DomContent picture(long row, byte[] png) {
    return png == null
        ? text("")
        : Html.png(
            "Row %d: its image, that of its embedding, that with the normal values".formatted(row),
            png);
  }

  private static String reason(Explainer.Repair repair) {
    return "feature %d is %s, normally %s (%s nats)"
        .formatted(
            repair.feature(),
            Html.number((double) repair.value()),
            Html.number((double) repair.normal()),
            Html.number(repair.nats()));
  }

  private static DomContent plane(Plane plane) {
    int classes = ScatterChart.classes(plane);
    int listed = Math.min(classes, MOST_IN_LEGEND);
    List<String> labels =
        classes == 1 ? List.of() : IntStream.range(0, listed).mapToObj(String::valueOf).toList();
    return div(
        ScatterChart.draw(plane),
        Html.legend(
            labels,
            label ->
                Svg.mark(
                    Svg.path(
                        "dots", ScatterChart.colour(label, classes), "M" + Svg.at(12, 6) + "h0"))),
        p(
            words(
                "Dots are %s embeddings, crosses %s samples over them%s, in the plane in which the embeddings vary most."
                    .formatted(
                        Html.count(plane.rows().size()),
                        Html.count(plane.samples().size()),
                        classes == 1
                            ? ""
                            : ", coloured by label"
                                + (listed < classes
                                    ? " (of %d, %d are listed)".formatted(classes, listed)
                                    : "")))));
  }

  private static DomContent base(BaseSpaceRows base) {
    String outside = HistogramChart.outside(base.values());
    return div(
        HistogramChart.normal(base.values()),
        Html.legend(
            List.of("z = f(x), all features", "standard normal"),
            i -> Html.lineMark("series " + HistogramChart.style(i))),
        p(
            words(
                "The %s features of %s %s rows where the flow takes them: to a standard normal, if it knows their density%s."
                    .formatted(
                        Html.count(base.features()),
                        Html.count(base.rows()),
                        base.split(),
                        outside.isEmpty() ? "" : "; " + outside))));
  }

  private static DomContent scores(Scores scores) {
    List<Scores.Table> tables = scores.tables();
    List<String> remarks = new ArrayList<>();
    for (Scores.Table table : tables) {
      String outside = HistogramChart.outside(table.logProb());
      remarks.add(
          "%s: %s rows%s"
              .formatted(
                  table.name(),
                  Html.count(table.logProb().total()),
                  outside.isEmpty() ? "" : ", of which " + outside));
    }
    return div(
        HistogramChart.scores(scores),
        Html.legend(
            tables.stream().map(Scores.Table::name).toList(),
            i -> Html.lineMark("series " + HistogramChart.style(i))),
        each(remarks, remark -> p(words(remark + "."))));
  }
}
