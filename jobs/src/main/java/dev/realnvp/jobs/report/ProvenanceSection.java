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

  private ProvenanceSection() {}

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
