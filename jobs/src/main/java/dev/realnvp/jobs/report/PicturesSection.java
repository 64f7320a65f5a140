package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.img;
import static j2html.TagCreator.section;

import j2html.tags.DomContent;
import java.util.Base64;

/** Samples, and originals above their reconstructions. */
final class PicturesSection {

  private PicturesSection() {}

  static DomContent of(RunFacts run) {
    return section(
        h2("Pictures"),
        div(
                picture(
                    "Samples",
                    run.samples(),
                    "Samples, a row a class, from the least likely to the likeliest"),
                picture(
                    "Reconstructions",
                    run.reconstructions(),
                    "Test images, and below each row of them their reconstructions"))
            .withClass("figures"));
  }

  private static DomContent picture(String heading, Part<byte[]> png, String description) {
    return Html.captioned(
        heading,
        Html.part(
            png,
            bytes ->
                img()
                    .withAlt(description)
                    .withSrc("data:image/png;base64," + Base64.getEncoder().encodeToString(bytes))),
        words(description + "."));
  }
}
