package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.img;
import static j2html.TagCreator.section;

import dev.realnvp.model.Redaction;
import j2html.tags.DomContent;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.lang3.StringUtils;

/** Samples, originals above their reconstructions, and what other pictures there are. */
final class PicturesSection {

  private PicturesSection() {}

  static DomContent of(RunFacts run) {
    return section(
        h2("Pictures"), div(each(run.pictures(), PicturesSection::picture)).withClass("figures"));
  }

  private static DomContent picture(RunFacts.Picture picture) {
    return Html.captioned(
        picture.heading(),
        Html.part(
            picture.png(),
            bytes ->
                img()
                    .withAlt(Redaction.text(picture.description()))
                    .withSrc("data:image/png;base64," + Base64.getEncoder().encodeToString(bytes))),
        words(
            Stream.concat(Stream.of(picture.description()), picture.notes().stream())
                .map(sentence -> StringUtils.capitalize(sentence) + ".")
                .collect(Collectors.joining(" "))));
  }
}
