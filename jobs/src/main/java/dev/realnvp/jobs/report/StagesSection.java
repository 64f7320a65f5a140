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

import dev.realnvp.model.Manifest;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/** The pipeline, stage by stage. */
final class StagesSection {

  private StagesSection() {}

  static DomContent of(RunFacts run) {
    return section(
        h2("Pipeline"), ol(each(run.stages(), StagesSection::stage)).withClass("stages"));
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
}
