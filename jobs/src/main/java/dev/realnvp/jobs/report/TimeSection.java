package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;

import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Where the time went: each stage's, and of the trainings what was averaging and waiting. */
final class TimeSection {

  /** What a stage's time is made of, as report.css colours it. */
  private static final List<String> PARTS = List.of("work", "averaging", "waiting", "rest");

  private TimeSection() {}

  /**
   * A stage's time, in seconds; zero for a part that it has not.
   *
   * @param work of a training, the fitting; of another stage, all of it
   * @param averaging what the rounds cost beyond the fitting
   * @param waiting what a worker, on the average, waited for the slowest
   * @param rest of a training's job: reading, validation, writing
   */
  private record Time(double work, double averaging, double waiting, double rest) {

    /** Of a training, and of the job around it where that was measured. */
    static Time of(List<EpochStats> epochs, Double seconds) {
      double training = sum(epochs, EpochStats::seconds);
      double averaging = sum(epochs, EpochStats::averagingSeconds);
      double waiting = sum(epochs, EpochStats::waitingSeconds);
      double rest = seconds == null ? 0 : Math.max(0, seconds - training);
      return new Time(training - averaging - waiting, averaging, waiting, rest);
    }

    private static double sum(List<EpochStats> epochs, ToDoubleFunction<EpochStats> figure) {
      return epochs.stream().mapToDouble(figure).filter(Double::isFinite).sum();
    }

    List<Double> parts() {
      return List.of(work, averaging, waiting, rest);
    }

    double all() {
      return work + averaging + waiting + rest;
    }
  }

  static DomContent of(RunFacts run) {
    Map<String, Time> times = times(run);
    if (times.isEmpty()) {
      return section(h2("Time"), p("No stage has been timed yet.").withClass("missing"));
    }
    double longest = times.values().stream().mapToDouble(Time::all).max().orElseThrow();
    return section(
        h2("Time"),
        p(
            "Seconds of each stage. In a training, workers fit minibatches (work); averaging is"
                + " what their rounds cost beyond that, waiting what a worker waits for the slowest"
                + " of its round, and the rest is reading, validation and writing."),
        Html.legend(PARTS, i -> span().withClass("swatch " + PARTS.get(i))),
        Html.rows(
            List.of("Stage", "All", "Work", "Averaging", "Waiting", "Rest", "Side by side"),
            times,
            (name, time) -> row(name, time, longest)));
  }

  private static Map<String, Time> times(RunFacts run) {
    Map<String, Time> times = new LinkedHashMap<>();
    run.manifests()
        .forEach(
            (job, manifest) -> {
              Time time = time(manifest);
              if (time.all() > 0) {
                times.put(job, time);
              }
            });
    for (RunFacts.Training training : run.trainings()) {
      if (!training.standing().isEmpty() && !training.epochs().isEmpty()) {
        times.put(training.name() + ", in training", Time.of(training.epochs(), null));
      }
    }
    return times;
  }

  private static Time time(Manifest manifest) {
    Double seconds = manifest.seconds();
    return manifest.history().isEmpty()
        ? new Time(seconds == null ? 0 : seconds, 0, 0, 0)
        : Time.of(manifest.history(), seconds);
  }

  private static List<DomContent> row(String name, Time time, double longest) {
    List<DomContent> cells = new ArrayList<>();
    cells.add(words(name));
    cells.add(words(seconds(time.all())));
    time.parts().forEach(part -> cells.add(words(part > 0 ? seconds(part) : Html.NONE)));
    cells.add(
        span(each(
                PARTS,
                (i, part) ->
                    span()
                        .withClass(part)
                        .withStyle(
                            String.format(
                                Locale.ROOT, "width:%.2f%%", 100 * time.parts().get(i) / longest))))
            .withClass("bar"));
    return cells;
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.2f", seconds);
  }
}
