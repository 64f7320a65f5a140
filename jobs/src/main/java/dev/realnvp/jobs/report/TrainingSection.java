package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;

import j2html.tags.DomContent;
import java.util.List;

/** The losses of each training. */
final class TrainingSection {

  private static final List<String> LINES = List.of("training", "validation");
  private static final List<String> STYLES = List.of("series first", "series second");

  private TrainingSection() {}

  static DomContent of(RunFacts run) {
    if (run.trainings().isEmpty()) {
      return section(h2("Training"), p("No model has been trained yet.").withClass("missing"));
    }
    return section(
        h2("Training"), div(each(run.trainings(), TrainingSection::losses)).withClass("figures"));
  }

  private static DomContent losses(RunFacts.Training training) {
    String name = training.name() + (training.standing().isEmpty() ? "" : ", in training");
    boolean drawable =
        training.epochs().stream()
            .anyMatch(e -> Double.isFinite(e.trainLoss()) || Double.isFinite(e.validationLoss()));
    return Html.captioned(
        name,
        drawable ? LineChart.losses(training) : p("No epoch is done yet.").withClass("missing"),
        iff(drawable, Html.legend(LINES, i -> Html.lineMark(STYLES.get(i)))),
        iff(!training.standing().isEmpty(), p(words(training.standing()))));
  }
}
