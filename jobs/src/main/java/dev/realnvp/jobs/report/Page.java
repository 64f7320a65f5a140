package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.body;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.head;
import static j2html.TagCreator.header;
import static j2html.TagCreator.html;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.iffElse;
import static j2html.TagCreator.li;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.ol;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.section;
import static j2html.TagCreator.style;
import static j2html.TagCreator.title;

import dev.realnvp.model.Manifest;
import dev.realnvp.model.Versions;
import j2html.Config;
import j2html.rendering.FlatHtml;
import j2html.tags.DomContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.lang3.StringUtils;

/** The report as one HTML page, which is well-formed XML too. */
public final class Page {

  private static final String STYLE = "report.css";

  /** Whatever stands in the page, a browser fetches nothing and runs nothing. */
  private static final String NOTHING_FROM_OUTSIDE =
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

  private Page() {}

  public static String of(RunFacts run) {
    return "<!DOCTYPE html>\n"
        + xml(
            html(
                    head(
                        meta().withCharset("utf-8"),
                        meta()
                            .attr("http-equiv", "Content-Security-Policy")
                            .withContent(NOTHING_FROM_OUTSIDE),
                        meta()
                            .withName("viewport")
                            .withContent("width=device-width, initial-scale=1"),
                        meta().withName("color-scheme").withContent("light dark"),
                        title(words(run.run() + " \u2013 realnvp-spark")),
                        style(rawHtml(css()))),
                    body(
                        header(
                            h1("Density of the rows"),
                            p(
                                words(
                                    "Run %s, as it was at %s. Made by realnvp-spark %s."
                                        .formatted(run.run(), run.made(), Versions.PROJECT)))),
                        main(
                            VerdictSection.of(run),
                            ScoreSection.strangest(run),
                            ScoreSection.histograms(run),
                            QualitySection.of(run),
                            iff(!run.pictures().isEmpty(), pictures(run)),
                            ScoreSection.baseSpace(run),
                            training(run),
                            ProvenanceSection.data(run),
                            MeritSection.of(run),
                            stages(run),
                            TimeSection.of(run),
                            ProvenanceSection.of(run))))
                .withLang("en"))
        + '\n';
  }

  /** Markup that is well-formed XML. */
  static String xml(DomContent tag) {
    StringBuilder markup = new StringBuilder();
    try {
      tag.render(FlatHtml.into(markup, Config.defaults().withEmptyTagsClosed(true)));
    } catch (IOException e) {
      throw new UncheckedIOException("A StringBuilder takes all that is written to it", e);
    }
    return markup.toString();
  }

  static String css() {
    try (InputStream in = Page.class.getResourceAsStream(STYLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + STYLE + " in the jar", e);
    }
  }

  private static DomContent stages(RunFacts run) {
    return section(h2("Stages"), ol(each(run.stages(), Page::stage)).withClass("stages"));
  }

  private static DomContent stage(RunFacts.Stage stage) {
    boolean done = stage.manifest() instanceof Content.Present;
    return li(
            h3(words(stage.job())),
            Html.content(stage.manifest(), manifest -> made(stage, manifest)))
        .withClass(iffElse(done, "done", "waits"));
  }

  private static DomContent made(RunFacts.Stage stage, Manifest manifest) {
    List<String> lines = new ArrayList<>();
    if (stage.rows() != null) {
      lines.add(Numbers.count(stage.rows()) + " rows");
    }
    if (manifest.parameters() > 0) {
      lines.add(Numbers.count(manifest.parameters()) + " parameters");
      lines.add(manifest.history().size() + " epochs");
    }
    return each(
        iff(!lines.isEmpty(), p(words(String.join(", ", lines)))), p(words(manifest.created())));
  }

  /** Samples, originals above their reconstructions, and what other pictures there are. */
  private static DomContent pictures(RunFacts run) {
    return section(h2("Pictures"), div(each(run.pictures(), Page::picture)).withClass("figures"));
  }

  private static DomContent picture(RunFacts.Picture picture) {
    return Html.captioned(
        picture.heading(),
        picture
            .png()
            .map(content -> Html.content(content, png -> Html.png(picture.description(), png)))
            .orElse(null),
        words(
            Stream.concat(Stream.of(picture.description()), picture.notes().stream())
                .map(sentence -> StringUtils.capitalize(sentence) + ".")
                .collect(Collectors.joining(" "))));
  }

  private static DomContent training(RunFacts run) {
    if (run.trainings().isEmpty()) {
      return section(h2("Training"), p("No model has been trained yet.").withClass("missing"));
    }
    return section(h2("Training"), div(each(run.trainings(), Page::losses)).withClass("figures"));
  }

  private static DomContent losses(RunFacts.Training training) {
    String name = training.name() + (training.standing().isEmpty() ? "" : ", in training");
    boolean drawable =
        training.epochs().stream()
            .anyMatch(e -> Double.isFinite(e.trainLoss()) || Double.isFinite(e.validationLoss()));
    return Html.captioned(
        name,
        drawable ? LineChart.losses(training) : p("No epoch is done yet.").withClass("missing"),
        iff(drawable, Html.legend("training", "validation")),
        iff(!training.standing().isEmpty(), p(words(training.standing()))));
  }
}
