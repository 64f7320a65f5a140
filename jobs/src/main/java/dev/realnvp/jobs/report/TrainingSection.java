package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The losses of each training, and where its time went. */
final class TrainingSection {

  private static final List<String> LINES = List.of("training", "validation");
  private static final List<String> STYLES = List.of("series first", "series second");

  private TrainingSection() {}

  static DomContent of(RunFacts run) {
    if (run.trainings().isEmpty()) {
      return section(h2("Training"), p("No model has been trained yet.").withClass("missing"));
    }
    return section(
        h2("Training"),
        div(each(run.trainings(), TrainingSection::losses)).withClass("figures"),
        h3("Time"),
        p("Of the trainings alone, validation excluded; of the stock master in all, as it does not"
            + " tell more. A worker waits, on the average, for the slowest of its round; averaging"
            + " is what a round costs beyond the fitting."),
        Html.rows(
            List.of("Model", "Seconds", "Work", "Averaging", "Waiting", "Shares"),
            run.trainings().stream().map(TrainingSection::time).toList()));
  }

  private static DomContent losses(RunFacts.Training training) {
    String name = training.name() + (training.standing().isEmpty() ? "" : ", in training");
    boolean drawable =
        training.epochs().stream()
            .anyMatch(
                e -> Double.isFinite(e.trainLoss()) || Double.isFinite(e.validationLoss()));
    return Html.captioned(
        name,
        drawable
            ? LineChart.losses(training)
            : p("No epoch is done yet.").withClass("missing"),
        iff(drawable, Html.legend(LINES, i -> Html.lineMark(STYLES.get(i)))),
        iff(!training.standing().isEmpty(), p(words(training.standing()))));
  }

  private static List<DomContent> time(RunFacts.Training training) {
    double all = sum(training, Epoch::seconds);
    double averaging = sum(training, Epoch::averagingSeconds);
    double waiting = sum(training, Epoch::waitingSeconds);
    double work = all - averaging - waiting;
    List<DomContent> cells = new ArrayList<>();
    cells.add(words(training.name()));
    for (double seconds : new double[] {all, work, averaging, waiting}) {
      cells.add(words(String.format(Locale.ROOT, "%.2f", seconds)));
    }
    cells.add(
        span(
                share("work", work / all),
                share("averaging", averaging / all),
                share("waiting", waiting / all))
            .withClass("bar"));
    return cells;
  }

  private static DomContent share(String css, double share) {
    return span()
        .withClass(css)
        .withStyle(
            String.format(Locale.ROOT, "width:%.2f%%", Double.isFinite(share) ? 100 * share : 0));
  }

  private static double sum(RunFacts.Training training, ToDoubleFunction<Epoch> seconds) {
    return training.epochs().stream().mapToDouble(seconds).filter(Double::isFinite).sum();
  }
}
