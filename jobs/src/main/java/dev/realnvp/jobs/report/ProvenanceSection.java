package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.section;

import dev.realnvp.model.Manifest;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Of what, with which settings and by which software all was made. */
final class ProvenanceSection {

  /** More names than these nobody reads. */
  private static final int MOST_NAMES = 20;

  private ProvenanceSection() {}

  /** The table that the flow was trained on. */
  static DomContent data(RunFacts run) {
    return section(h2("Data"), Html.content(run.data(), data -> facts(data, run)));
  }

  private static DomContent facts(RunFacts.Data data, RunFacts run) {
    List<List<DomContent>> rows = new ArrayList<>();
    rows.add(Html.texts("Table", data.place()));
    data.splits()
        .forEach(
            (split, count) -> rows.add(Html.texts("Rows of split " + split, Numbers.count(count))));
    if (data.skipped() > 0) {
      rows.add(Html.texts("Rows left out, not finite", Numbers.count(data.skipped())));
    }
    if (data.imputed() > 0) {
      rows.add(
          Html.texts(
              "Missing values of train rows, replaced by means", Numbers.count(data.imputed())));
    }
    rows.add(Html.texts("Features", Numbers.count(data.features())));
    rows.add(
        Html.texts(
            "Classes",
            data.classes() == 0
                ? "none"
                : Numbers.count(data.classes()) + names(run.densities().classNames())));
    rows.add(List.of(words("Fingerprint"), code(words(data.fingerprint()))));
    return Html.rows(List.of("Fact", "Value"), rows);
  }

  private static String names(List<String> names) {
    int shown = Math.min(names.size(), MOST_NAMES);
    return names.isEmpty()
        ? ""
        : ": " + String.join(", ", names.subList(0, shown)) + (shown < names.size() ? ", ..." : "");
  }

  static DomContent of(RunFacts run) {
    return section(
        h2("How it was made"),
        h3("Settings that are not the defaults"),
        settings(run),
        h3("Versions"),
        versions(run.manifests()),
        h3("Provenance"),
        provenance(run),
        h3("Spark"),
        Html.content(
            run.historyServer(),
            command ->
                div(
                    p("What Spark did, job by job, is shown at 127.0.0.1:18080 by"),
                    pre(code(words(command))))));
  }

  private static DomContent settings(RunFacts run) {
    if (run.settings().isEmpty()) {
      return run.manifests().isEmpty()
          ? nothing()
          : p("All have their defaults.").withClass("note");
    }
    return Html.rows(
        List.of("Stage", "Setting", "Value", "Default"),
        run.settings().stream()
            .map(
                setting ->
                    Html.texts(setting.job(), setting.key(), setting.value(), setting.usual()))
            .toList());
  }

  private static DomContent versions(Map<String, Manifest> manifests) {
    if (manifests.isEmpty()) {
      return nothing();
    }
    Map<String, Map<String, Set<String>>> jobs = new TreeMap<>();
    manifests.forEach(
        (job, manifest) ->
            manifest
                .versions()
                .forEach(
                    (software, version) ->
                        jobs.computeIfAbsent(software, s -> new TreeMap<>())
                            .computeIfAbsent(version, v -> new TreeSet<>())
                            .add(job)));
    List<List<DomContent>> rows = new ArrayList<>();
    jobs.forEach(
        (software, byVersion) ->
            byVersion.forEach(
                (version, of) ->
                    rows.add(
                        Html.texts(
                            software,
                            version,
                            byVersion.size() == 1 ? "all" : String.join(", ", of)))));
    return Html.rows(List.of("Software", "Version", "Stages"), rows);
  }

  private static DomContent provenance(RunFacts run) {
    Map<String, Manifest> manifests = run.manifests();
    List<List<DomContent>> rows = new ArrayList<>();
    for (RunFacts.Stage stage : run.stages()) {
      Manifest manifest = manifests.get(stage.job());
      if (manifest != null) {
        rows.add(
            List.of(
                words(stage.place()),
                code(words(manifest.id())),
                code(words(manifest.data())),
                code(words(parents(manifest)))));
      }
    }
    return rows.isEmpty()
        ? nothing()
        : Html.rows(List.of("Output", "Id", "Fingerprint of its data", "Made of"), rows);
  }

  private static String parents(Manifest manifest) {
    return manifest.parents().entrySet().stream()
        .map(parent -> parent.getKey() + " " + parent.getValue())
        .collect(Collectors.joining(", "));
  }

  private static DomContent nothing() {
    return p("Nothing has been made yet.").withClass("missing");
  }
}
