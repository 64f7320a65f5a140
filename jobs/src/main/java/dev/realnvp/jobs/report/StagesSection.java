package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.iffElse;
import static j2html.TagCreator.li;
import static j2html.TagCreator.ol;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static java.util.Map.entry;

import dev.realnvp.model.Manifest;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The pipeline, stage by stage, and its figures of merit. */
final class StagesSection {

  /** What each figure of metrics.json is, on the test split. */
  private static final Map<String, String> MEANINGS =
      Map.ofEntries(
          entry("test_bce", "binary cross-entropy of the reconstructions, nats a pixel"),
          entry("test_nll", "negative log-likelihood given the label, nats a row"),
          entry("test_nll_no_label", "the same with the class summed out"),
          entry("classifier_accuracy", "share of images that the classifier gives their label"),
          entry("reconstruction_accuracy", "the same of their reconstructions"),
          entry("sample_accuracy", "share of class-conditional samples that it gives their class"),
          entry("roundtrip_max_error", "greatest |inverse(forward(x)) \u2212 x| of the flow"),
          entry("posterior_ece", "expected calibration error of the likeliest class's probability"),
          entry("posterior_brier", "Brier score of the posterior, 0 to 2"),
          entry("false_alarm_rate", "share of normal rows that may be anomalies, as it was set"),
          entry("false_alarms", "share of test rows that are anomalies by other rows' threshold"),
          entry("class_false_alarms", "the greatest such share of a class, by its own threshold"));

  private StagesSection() {}

  static DomContent of(RunFacts run) {
    return section(
        h2("Pipeline"),
        ol(each(run.stages(), StagesSection::stage)).withClass("stages"),
        h2("Figures of merit"),
        Html.part(run.metrics(), StagesSection::metrics));
  }

  private static DomContent stage(RunFacts.Stage stage) {
    boolean done = stage.manifest() instanceof Part.There;
    return li(
            h3(words(stage.job())), Html.part(stage.manifest(), manifest -> made(stage, manifest)))
        .withClass(iffElse(done, "done", "waits"));
  }

  private static DomContent made(RunFacts.Stage stage, Manifest manifest) {
    List<String> lines = new ArrayList<>();
    if (stage.rows() != null) {
      lines.add(Html.count(stage.rows()) + " rows");
    }
    if (manifest.parameters() > 0) {
      lines.add(Html.count(manifest.parameters()) + " parameters");
      lines.add(manifest.history().size() + " epochs");
    }
    return each(
        iff(!lines.isEmpty(), p(words(String.join(", ", lines)))), p(words(manifest.created())));
  }

  private static DomContent metrics(Map<String, Double> metrics) {
    List<List<DomContent>> rows = new ArrayList<>();
    metrics.forEach(
        (name, value) ->
            rows.add(
                List.of(
                    words(name),
                    words(Html.number(value)),
                    words(MEANINGS.getOrDefault(name, "")))));
    return Html.rows(List.of("Figure", "Value", "What it is"), rows);
  }
}
