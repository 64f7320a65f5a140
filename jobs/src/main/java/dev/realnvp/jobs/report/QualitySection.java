package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.text;

import dev.realnvp.scores.Detection;
import dev.realnvp.scores.Detections;
import dev.realnvp.spark.summary.ClassFigures;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** The quality of each class, of the posterior, and of what is found of marked anomalies. */
final class QualitySection {

  /** More than these in a table nobody reads. */
  private static final int MOST_CLASSES = 50;

  private static final Comparator<ClassFigures> WORST =
      Comparator.comparing(ClassFigures::nll, Comparator.nullsLast(Comparator.reverseOrder()));

  private QualitySection() {}

  /** Nothing if nothing of this was measured. */
  static DomContent of(RunFacts run) {
    if (!(run.metrics() instanceof Content.Present<Metrics> there)) {
      return text("");
    }
    Metrics merit = there.value();
    List<DomContent> charts = new ArrayList<>();
    if (!merit.reliability().isEmpty()) {
      charts.add(
          Html.captioned(
              "Reliability of the posterior",
              LineChart.reliability(merit.reliability()),
              p(
                  "Rows by the probability of their most likely class. On the diagonal the posterior"
                      + " is right as often as it says, below it is too sure.")));
    }
    for (Detections detections :
        Stream.of(merit.anomalies(), merit.against()).filter(d -> d != null).toList()) {
      Map<String, Detection> curves = new LinkedHashMap<>();
      for (String name :
          Stream.concat(Stream.of("anomaly_score"), MeritSection.BASELINES.stream()).toList()) {
        Detection detection = detections.scores().get(name);
        if (detection != null) {
          curves.put(name, detection);
        }
      }
      if (!curves.isEmpty()) {
        charts.add(
            Html.captioned(
                "Detection of " + MeritSection.source(detections),
                LineChart.detection(curves),
                Html.legend(curves.keySet().toArray(String[]::new))));
      }
    }
    if (charts.isEmpty() && merit.classes().isEmpty()) {
      return text("");
    }
    return section(
        h2("Quality"),
        charts.isEmpty() ? text("") : div(charts.toArray(DomContent[]::new)).withClass("figures"),
        merit.classes().isEmpty()
            ? text("")
            : classes(
                merit.classes(), label -> RunFacts.className(run.densities().classNames(), label)));
  }

  private static DomContent classes(List<ClassFigures> classes, IntFunction<String> className) {
    return div(
        h3("Classes"),
        Html.rows(
            List.of("Class", "Rows", "NLL, nats", "Marked", "Accuracy"),
            classes.stream()
                .sorted(classes.size() > MOST_CLASSES ? WORST : (one, other) -> 0)
                .limit(MOST_CLASSES)
                .map(
                    figures ->
                        Html.texts(
                            figures.name() == null
                                ? className.apply(figures.label())
                                : figures.name(),
                            Numbers.count(figures.rows()),
                            Html.number(figures.nll()),
                            Html.percent(figures.anomalies()),
                            Html.percent(figures.accuracy())))
                .toList()),
        p(words(
                "Rows by their own label: the mean of -log p(x | label), or of -log p(x) if the flow is given no class, the share that is marked as anomalies, and the share whose most likely class is theirs."
                    + (classes.size() > MOST_CLASSES
                        ? " The %d of %s classes with the greatest NLL; metrics.json has more."
                            .formatted(MOST_CLASSES, Numbers.count(classes.size()))
                        : "")))
            .withClass("note"));
  }
}
