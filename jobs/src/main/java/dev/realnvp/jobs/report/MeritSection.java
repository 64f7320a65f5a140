package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.text;
import static java.util.Map.entry;

import dev.realnvp.scores.DensityGain;
import dev.realnvp.scores.Detections;
import j2html.tags.DomContent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A run's figures of merit, next to densities without a flow, and how well it finds anomalies. */
final class MeritSection {

  /** The scores that a flow is compared with. */
  static final List<String> BASELINES = List.of("gaussian", "mixture", "isolation_forest");

  /** What each score is that anomalies are told by. */
  private static final Map<String, String> SCORES =
      Map.ofEntries(
          entry(
              "anomaly_score",
              "of scores/: by density, and by the distance or, of images, the relative error"),
          entry("log_prob", "-log p(x) of the flow"),
          entry("log_prob_z", "-log p(x) without the features' units"),
          entry(
              "distance", "from the middle of the train rows, and from the nearest groups of them"),
          entry("typicality", "|log p(x) \u2212 its mean over the rows of the threshold|"),
          entry(
              "relative_error", "of the autoencoder, in proportion to what there is in the image"),
          entry("reconstruction_error", "of the autoencoder, nats per pixel"),
          entry("gaussian", "-log p(x) of a Gaussian on the train rows"),
          entry("mixture", "-log p(x) of a mixture of Gaussians on the train rows"),
          entry("isolation_forest", "how soon random cuts part the row from train rows, 0 to 1"));

  private MeritSection() {}

  static DomContent of(RunFacts run) {
    return section(h2("Figures of merit"), Html.content(run.metrics(), MeritSection::merit));
  }

  private static DomContent merit(Metrics merit) {
    return div(
        p(
            words(
                "Of %s rows of split %s, by those that have a finite density."
                    .formatted(Numbers.count(merit.rows()), merit.split()))),
        figures(merit.figures()),
        merit.baselines().isEmpty() ? text("") : baselines(merit.baselines()),
        merit.anomalies() == null ? text("") : detections(merit.anomalies()),
        merit.against() == null ? text("") : detections(merit.against()));
  }

  private static DomContent baselines(Map<String, DensityGain> baselines) {
    return div(
        h3("Densities without a flow"),
        Html.rows(
            List.of(
                "Density",
                "NLL, nats per row",
                "The flow's gain",
                "Its median",
                "Rows with a gain",
                "Rows"),
            baselines,
            (name, gain) ->
                Html.texts(
                    name,
                    Html.number(gain.nll()),
                    Numbers.withError(gain.gain(), gain.error()),
                    Html.number(gain.median()),
                    Html.percent(gain.better()),
                    Numbers.count(gain.rows()))));
  }

  /** What the anomalies are. */
  static String source(Detections detections) {
    return detections.column() == null
        ? "test images of " + detections.images()
        : "rows that column %s marks".formatted(detections.column());
  }

  private static DomContent figures(Map<String, Double> figures) {
    Map<String, Double> known = new LinkedHashMap<>(figures);
    known.values().removeIf(Objects::isNull);
    return Html.rows(
        List.of("Figure", "Value", "What it is"),
        known,
        (name, value) ->
            Html.texts(name, Html.number(value), Metrics.FIGURES.getOrDefault(name, "")));
  }

  private static DomContent detections(Detections detections) {
    return div(
        h3("Anomalies"),
        p(
            words(
                "%s %s as anomalies among %s others."
                    .formatted(
                        Numbers.count(detections.anomalousRows()),
                        source(detections),
                        Numbers.count(detections.normalRows())))),
        Html.rows(
            List.of(
                "Score",
                "AUROC",
                "Average precision",
                "False alarms at 95 % detection",
                "What it is"),
            detections.scores(),
            (name, detection) ->
                Html.texts(
                    name,
                    Numbers.withError(detection.auroc(), detection.aurocError()),
                    Numbers.withError(
                        detection.averagePrecision(), detection.averagePrecisionError()),
                    Html.percent(detection.falseAlarmRate()),
                    SCORES.getOrDefault(name, ""))));
  }
}
