package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.body;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.head;
import static j2html.TagCreator.header;
import static j2html.TagCreator.html;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.style;
import static j2html.TagCreator.title;

import dev.realnvp.model.Versions;
import j2html.Config;
import j2html.rendering.FlatHtml;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The report as one HTML page, which is well-formed XML too. */
public final class Page {

  private static final String STYLE = "report.css";

  /** Whatever stands in the page, a browser fetches nothing and runs nothing. */
  private static final String NOTHING_FROM_OUTSIDE =
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

  private Page() {}

  /** Draws a run. */
  public static String of(RunFacts run) {
    StringBuilder page = new StringBuilder("<!DOCTYPE html>\n");
    try {
      html(
              head(
                  meta().withCharset("utf-8"),
                  meta()
                      .attr("http-equiv", "Content-Security-Policy")
                      .withContent(NOTHING_FROM_OUTSIDE),
                  meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                  meta().withName("color-scheme").withContent("light dark"),
                  title(words(run.run() + " \u2013 realnvp-spark")),
                  style(rawHtml(css()))),
              body(
                  header(
                      h1("Density of embeddings"),
                      p(
                          words(
                              "Run %s, as it was at %s. Made by realnvp-spark %s."
                                  .formatted(run.run(), run.made(), Versions.PROJECT)))),
                  main(
                      StagesSection.of(run),
                      MeritSection.of(run),
                      TrainingSection.of(run),
                      TimeSection.of(run),
                      PicturesSection.of(run),
                      DensitySection.of(run),
                      ProvenanceSection.of(run))))
          .withLang("en")
          .render(FlatHtml.into(page, Config.defaults().withEmptyTagsClosed(true)));
    } catch (IOException e) {
      throw new UncheckedIOException("A StringBuilder takes all that is written to it", e);
    }
    return page.append('\n').toString();
  }

  private static String css() {
    try (InputStream in = Page.class.getResourceAsStream(STYLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + STYLE + " in the jar", e);
    }
  }
}
