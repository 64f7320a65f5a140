package dev.realnvp.jobs.report;

import static j2html.TagCreator.code;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.section;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/** The table that the flow was trained on. */
final class DataSection {

  /** More names than these nobody reads. */
  private static final int MOST_NAMES = 20;

  private DataSection() {}

  static DomContent of(RunFacts run) {
    return section(h2("Data"), Html.content(run.data(), data -> facts(data, run)));
  }

  private static DomContent facts(RunFacts.Data data, RunFacts run) {
    List<List<DomContent>> rows = new ArrayList<>();
    rows.add(fact("Table", Html.words(data.place())));
    data.splits()
        .forEach(
            (split, count) ->
                rows.add(fact("Rows of split " + split, Html.words(Numbers.count(count)))));
    if (data.skipped() > 0) {
      rows.add(fact("Rows left out, not finite", Html.words(Numbers.count(data.skipped()))));
    }
    if (data.imputed() > 0) {
      rows.add(
          fact(
              "Missing values of train rows, replaced by means",
              Html.words(Numbers.count(data.imputed()))));
    }
    rows.add(fact("Features", Html.words(Numbers.count(data.features()))));
    rows.add(
        fact(
            "Classes",
            Html.words(
                data.classes() == 0
                    ? "none"
                    : Numbers.count(data.classes()) + names(run.densities().classNames()))));
    rows.add(fact("Fingerprint", code(Html.words(data.fingerprint()))));
    return Html.rows(List.of("Fact", "Value"), rows);
  }

  private static String names(List<String> names) {
    int shown = Math.min(names.size(), MOST_NAMES);
    return names.isEmpty()
        ? ""
        : ": " + String.join(", ", names.subList(0, shown)) + (shown < names.size() ? ", ..." : "");
  }

  private static List<DomContent> fact(String name, DomContent value) {
    return List.of(Html.words(name), value);
  }
}
