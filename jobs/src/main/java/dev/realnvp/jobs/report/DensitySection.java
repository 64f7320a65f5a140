package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;

import j2html.tags.DomContent;
import java.util.List;

/** Where the flow takes the rows. */
final class DensitySection {

  private DensitySection() {}

  static DomContent of(RunFacts run) {
    return section(
        h2("Base space"),
        div(Html.captioned(
                "Rows where the flow takes them", Html.content(run.base(), DensitySection::base)))
            .withClass("figures"));
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
