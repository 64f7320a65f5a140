package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.text;

import dev.realnvp.flow.Explainer;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The strangest rows, how all rows score, and where the flow takes them. */
final class ScoreSection {

  private ScoreSection() {}

  static DomContent strangest(RunFacts run) {
    return section(
        h2("The strangest rows"), Html.content(run.densities().scores(), ScoreSection::strangest));
  }

  static DomContent histograms(RunFacts run) {
    return section(
        h2("Scores"),
        Html.content(
            run.densities().scores(), scores -> histograms(scores, run.densities().threshold())));
  }

  static DomContent baseSpace(RunFacts run) {
    return section(
        h2("Base space"),
        div(Html.captioned(
                "Rows where the flow takes them",
                Html.content(run.densities().base(), ScoreSection::base)))
            .withClass("figures"));
  }

  private static DomContent base(RunFacts.BaseSpaceRows base) {
    String outside = HistogramChart.outside(base.values());
    return div(
        HistogramChart.normal(base.values()),
        Html.legend("z = f(x), all features", "standard normal"),
        p(
            words(
                "The %s features of %s %s rows where the flow takes them: to a standard normal, if it knows their density%s."
                    .formatted(
                        Numbers.count(base.features()),
                        Numbers.count(base.rows()),
                        base.split(),
                        outside.isEmpty() ? "" : "; " + outside))));
  }

  private static DomContent strangest(Scores scores) {
    List<Scores.StrangeRow> strangest = scores.strangest();
    if (strangest.isEmpty()) {
      return p("There are none.").withClass("missing");
    }
    Map<String, byte[]> pictures =
        scores.pictures() instanceof Content.Present<Map<String, byte[]>> there
            ? there.value()
            : Map.of();
    boolean ids = strangest.stream().anyMatch(row -> !row.id().isEmpty());
    boolean labels = strangest.stream().anyMatch(row -> !row.label().isEmpty());
    boolean classes = strangest.stream().anyMatch(row -> !row.mostLikelyClass().isEmpty());
    boolean explained = strangest.stream().anyMatch(row -> !row.repairs().isEmpty());
    List<String> columns = new ArrayList<>(List.of(ids ? "Row" : "Rank"));
    add(columns, labels, "Class");
    add(columns, classes, "Likeliest");
    columns.addAll(List.of("Split", "Score", "log p(x)"));
    add(columns, explained, "Why");
    add(columns, !pictures.isEmpty(), "Pictures");
    List<List<DomContent>> rows = new ArrayList<>();
    for (Scores.StrangeRow row : strangest) {
      List<DomContent> cells = new ArrayList<>();
      cells.add(words(ids ? row.id() : Integer.toString(rows.size() + 1)));
      add(cells, labels, words(row.label()));
      add(cells, classes, words(row.mostLikelyClass()));
      cells.addAll(Html.texts(row.split(), Html.number(row.score()), Html.number(row.logProb())));
      add(cells, explained, words(why(row)));
      add(cells, !pictures.isEmpty(), picture(row.id(), pictures.get(row.id())));
      rows.add(cells);
    }
    return div(
        Html.rows(columns, rows),
        p(words(
                "Rows without a density, then those with the highest anomaly_score, which is in deviations from the median of the rows that set the threshold; without scores, the least likely. log p(x) is in nats."
                    + (explained
                        ? " Features without names are counted from 0; nats are what log p(x) rises by if the value is replaced."
                        : " score.sh --explain 3 tells which features make them strange.")
                    + (pictures.isEmpty()
                        ? ""
                        : " Pictures: the row's image, what the autoencoder decodes of its embedding"
                            + (explained ? ", and what it decodes with the normal values." : "."))))
            .withClass("note"),
        scores.pictures() instanceof Content.Absent<Map<String, byte[]>> absent
            ? p(words("No pictures: " + absent.reason())).withClass("missing")
            : text(""));
  }

  private static <T> void add(List<T> list, boolean really, T element) {
    if (really) {
      list.add(element);
    }
  }

  private static DomContent picture(String row, byte[] png) {
    return png == null
        ? text("")
        : Html.png(
            "Row %s: its image, that of its embedding, and that with the normal values if it is explained"
                .formatted(row),
            png);
  }

  private static String why(Scores.StrangeRow row) {
    return IntStream.range(0, row.repairs().size())
        .mapToObj(i -> reason(row, i))
        .collect(Collectors.joining("; "));
  }

  private static String reason(Scores.StrangeRow row, int i) {
    Explainer.Counterfactual repair = row.repairs().get(i);
    Function<Float, String> word =
        value ->
            row.columns()
                .word(repair.feature(), value)
                .orElseGet(() -> Html.number((double) value));
    return "%s is %s, normally %s (%s nats)"
        .formatted(
            row.features().get(i),
            word.apply(repair.value()),
            word.apply(repair.normal()),
            Html.number(repair.nats()));
  }

  private static DomContent histograms(Scores scores, RunFacts.Threshold threshold) {
    List<DomContent> charts = new ArrayList<>();
    if (!scores.anomaly().isEmpty()) {
      double line = threshold == null ? Double.NaN : threshold.value();
      charts.add(
          Html.captioned(
              "Anomaly scores",
              HistogramChart.scores(
                  "anomaly_score",
                  "anomaly_score, deviations",
                  "deviation",
                  scores.anomaly(),
                  line),
              below(scores.anomaly()),
              Double.isFinite(line)
                  ? p(
                      words(
                          (HistogramChart.shows(scores.anomaly(), line)
                                  ? "The vertical line is the threshold, %s."
                                  : "The threshold, %s, lies outside.")
                              .formatted(Numbers.text(line))))
                  : text("")));
    }
    charts.add(
        Html.captioned(
            "Densities",
            HistogramChart.scores("log p(x)", "log p(x), nats", "nat", scores.tables(), Double.NaN),
            below(scores.tables())));
    return div(charts.toArray(DomContent[]::new)).withClass("figures");
  }

  private static DomContent below(List<Scores.Table> tables) {
    List<String> remarks = new ArrayList<>();
    for (Scores.Table table : tables) {
      String outside = HistogramChart.outside(table.values());
      remarks.add(
          "%s: %s rows%s"
              .formatted(
                  table.name(),
                  Numbers.count(table.values().total()),
                  outside.isEmpty() ? "" : ", of which " + outside));
    }
    return div(
        Html.legend(tables.stream().map(Scores.Table::name).toArray(String[]::new)),
        each(remarks, remark -> p(words(remark + "."))));
  }
}
