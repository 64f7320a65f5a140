package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;

import j2html.tags.DomContent;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Rows in the plane in which they vary most, and where the flow takes them. */
final class DensitySection {

  /** More than these in a legend nobody reads. */
  static final int MOST_IN_LEGEND = 20;

  private DensitySection() {}

  static DomContent of(RunFacts run) {
    return section(
        h2("Embeddings and their density"),
        div(
                Html.captioned(
                    "Embeddings",
                    Html.content(run.embeddings(), plane -> plane(plane, run::className))),
                Html.captioned("Base space", Html.content(run.base(), DensitySection::base)))
            .withClass("figures"));
  }

  private static DomContent plane(Plane plane, IntFunction<String> className) {
    int classes = ScatterChart.classes(plane);
    int listed = Math.min(classes, MOST_IN_LEGEND);
    List<String> labels =
        classes == 1 ? List.of() : IntStream.range(0, listed).mapToObj(className).toList();
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
                "Dots are %s embeddings%s%s, in the plane in which the standardised embeddings vary most.%s"
                    .formatted(
                        Numbers.count(plane.rows().size()),
                        plane.samples().isEmpty()
                            ? ""
                            : ", crosses %s samples over them"
                                .formatted(Numbers.count(plane.samples().size())),
                        classes == 1
                            ? ""
                            : ", coloured by label"
                                + (listed < classes
                                    ? " (of %d, %d are listed)".formatted(classes, listed)
                                    : ""),
                        plane.farOut() == 0
                            ? ""
                            : " %s rows lie too far out to be shown."
                                .formatted(Numbers.count(plane.farOut()))))));
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
                        Numbers.count(base.features()),
                        Numbers.count(base.rows()),
                        base.split(),
                        outside.isEmpty() ? "" : "; " + outside))));
  }
}
