package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.ReportPages.assertApproved;
import static dev.realnvp.jobs.report.ReportPages.assertSelfContained;
import static dev.realnvp.jobs.report.ReportPages.parse;
import static dev.realnvp.jobs.report.ReportPages.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.flow.Explainer;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.scores.DensityGain;
import dev.realnvp.scores.Detection;
import dev.realnvp.scores.Detections;
import dev.realnvp.spark.summary.ClassFigures;
import dev.realnvp.spark.summary.Histogram;
import dev.realnvp.spark.summary.PosteriorQuality;
import dev.realnvp.stored.FeatureColumns;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class PageTest {

  private static final String NASTY = "</style><script>alert('1')</script> & \"<b>";
  private static final Histogram HISTOGRAM = new Histogram(-4, 4, new long[] {1, 2, 3, 4}, 5, 0);

  private static <T> Content<T> missing(String reason) {
    return new Content.Absent<>(reason);
  }

  private static RunFacts nothing(String words) {
    return new RunFacts(
        words,
        words,
        List.of(new RunFacts.Stage(words, words, missing(words), null)),
        List.of(),
        missing(words),
        List.of(),
        missing(words),
        missing(words),
        new RunFacts.Densities(missing(words), missing(words), null, List.of()),
        List.of(picture(words, missing(words)), picture(words, missing(words))));
  }

  private static RunFacts.Picture picture(String words, Content<byte[]> png) {
    return new RunFacts.Picture(words, words, List.of(words, "seen from afar"), Optional.of(png));
  }

  private static Manifest manifest(String words) {
    return new Manifest(
        "flow",
        words,
        words,
        Map.of(),
        1,
        Map.of(words, words),
        5,
        words,
        Map.of(words, words),
        List.of(),
        null,
        null,
        null,
        null);
  }

  private static Detections against(String words) {
    return new Detections(
        words, null, 1000, 2345, 0.01, 0.9, Map.of(words, detection(0.9876)), Map.of());
  }

  private static Detection detection(double auroc) {
    return new Detection(
        auroc,
        0.0432,
        0.004,
        0.75,
        0.02,
        List.of(List.of(0.0, 0.0), List.of(0.1, 0.9), List.of(1.0, 1.0)));
  }

  private static Metrics merit(Map<String, Double> figures, String words) {
    return new Metrics(
        figures,
        against(words),
        "test",
        15L,
        Map.of("gaussian", new DensityGain(15, 44.5, 3.75, 0.25, 3.5, 0.9, 2, 0)),
        List.of(new ClassFigures(0, words, 10, 40.25, 0.02, 0.975)),
        List.of(new PosteriorQuality.Bin(5, 0.5, 0.4), new PosteriorQuality.Bin(10, 0.9, 1)),
        new Detections(
            null,
            words,
            30,
            20,
            0.1,
            0.95,
            new TreeMap<>(Map.of("anomaly_score", detection(0.97), "gaussian", detection(0.8))),
            Map.of()));
  }

  static RunFacts everything(String words) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(words, 0.0813049);
    metrics.put("sample_accuracy", null);
    EpochStats first = new EpochStats(1, 10, 2, 1, 100, 0.7, 0.6);
    EpochStats second = new EpochStats(2, 10, 2, 1, 100, 0.5, Double.NaN);
    return new RunFacts(
        words,
        words,
        List.of(new RunFacts.Stage(words, words, new Content.Present<>(manifest(words)), 1234L)),
        List.of(new RunFacts.Setting(words, words, words, words)),
        new Content.Present<>(words),
        List.of(
            new RunFacts.Training("flow", words, "", List.of(first, second)),
            new RunFacts.Training("classifier", words, words, List.of())),
        new Content.Present<>(merit(metrics, words)),
        new Content.Present<>(new RunFacts.Data(words, Map.of("train", 1234L), 3, 12, 5, 7, words)),
        new RunFacts.Densities(
            new Content.Present<>(new RunFacts.BaseSpaceRows("test", 5, 3, HISTOGRAM)),
            new Content.Present<>(
                new Scores(
                    List.of(
                        new Scores.Table("train", HISTOGRAM), new Scores.Table(words, HISTOGRAM)),
                    List.of(new Scores.Table("train", HISTOGRAM)),
                    List.of(
                        new Scores.StrangeRow(
                            "17",
                            "test",
                            words,
                            words,
                            -60.5,
                            8.25,
                            List.of(
                                new Explainer.Counterfactual(3, 9.25f, 1, 45.5),
                                new Explainer.Counterfactual(0, -2, 0, 1.5)),
                            List.of(words, "feature 0"),
                            FeatureColumns.NONE)),
                    new Content.Present<>(Map.of("17", new byte[] {4, 5, 6})))),
            new RunFacts.Threshold("test", 5000, 0.01, 2.5),
            List.of(words)),
        List.of(
            picture(words, new Content.Present<>(new byte[] {1, 2, 3})),
            picture(words, missing("no reconstructions")),
            new RunFacts.Picture(words, words, List.of("only said"), Optional.empty())));
  }

  @Test
  void isOneFileAndWellFormedWhateverIsThere() throws Exception {
    assertSelfContained(parse(Page.of(everything("words"))));
    assertSelfContained(parse(Page.of(nothing("words"))));
  }

  @Test
  void textsAreTextsWhateverTheySay() throws Exception {
    for (RunFacts facts : List.of(everything(NASTY), nothing(NASTY))) {
      String html = Page.of(facts);
      assertThat(html).doesNotContain("<script", "<b>");
      Document page = parse(html);
      assertSelfContained(page);
      assertThat(texts(page, "//h3")).contains(NASTY);
    }
  }

  @Test
  void credentialsAreMasked() {
    for (String secret : List.of("s3a://me:pa55@bucket/run", "token=pa55", "h://x/?sig=pa55")) {
      assertThat(Page.of(everything(secret))).doesNotContain("pa55").contains("***");
      assertThat(Page.of(nothing(secret))).doesNotContain("pa55").contains("***");
    }
  }

  /** Headings, sentences, cells, and what the pictures are. */
  @Test
  void whatIsThereIsShownAndWhatIsMissingIsSaidToBe() throws Exception {
    String shown =
        "//h1 | //h2 | //h3 | //p[not(starts-with(., 'Run '))] | //p/@class | //li/@class"
            + " | //td | //th | //li[not(*)] | //figcaption"
            + " | //svg[not(@aria-hidden)]/@aria-label | //img/@src";
    assertApproved("page.txt", texts(parse(Page.of(everything("words"))), shown));
    assertApproved("empty-page.txt", texts(parse(Page.of(nothing("It is not there."))), shown));
  }

  @Test
  void strangeRowsWithoutPicturesHaveWords() throws Exception {
    RunFacts facts = everything("words");
    Scores scores = ((Content.Present<Scores>) facts.densities().scores()).value();
    for (Content<Map<String, byte[]>> pictures :
        List.of(
            new Content.Present<Map<String, byte[]>>(Map.of()),
            new Content.Absent<Map<String, byte[]>>("it is damaged"))) {
      Document page =
          parse(
              Page.of(
                  with(
                      facts,
                      new Scores(
                          scores.tables(), scores.anomaly(), scores.strangest(), pictures))));
      assertThat(texts(page, "//tr[td[1] = '17']/td")).hasSize(7);
      assertThat(texts(page, "//p[. = 'No pictures: it is damaged']"))
          .hasSize(pictures instanceof Content.Absent ? 1 : 0);
    }
  }

  private static RunFacts with(RunFacts facts, Scores scores) {
    RunFacts.Densities all = facts.densities();
    return with(
        facts.stages(),
        facts.settings(),
        facts.trainings(),
        facts.metrics(),
        new RunFacts.Densities(
            all.base(), new Content.Present<>(scores), all.threshold(), all.classNames()));
  }

  /** Everything else is there, but for pictures. */
  static RunFacts with(
      List<RunFacts.Stage> stages,
      List<RunFacts.Setting> settings,
      List<RunFacts.Training> trainings,
      Content<Metrics> metrics,
      RunFacts.Densities densities) {
    RunFacts all = everything("words");
    return new RunFacts(
        "run",
        "now",
        stages,
        settings,
        all.historyServer(),
        trainings,
        metrics,
        all.data(),
        densities,
        List.of());
  }

  @Test
  void timeIsSplitIntoWorkAveragingAndWaiting() throws Exception {
    EpochStats epoch = new EpochStats(1, 10, 2, 1.5, 100, Double.NaN, Double.NaN);
    Manifest trained = manifest("m").edit().history(List.of(epoch, epoch)).seconds(25).build();
    RunFacts facts = everything("words");
    Document page =
        parse(
            Page.of(
                with(
                    List.of(
                        stage("train-flow", trained),
                        stage("score", manifest("m").edit().seconds(12.5).build()),
                        stage("old", manifest("m"))),
                    facts.settings(),
                    facts.trainings(),
                    facts.metrics(),
                    facts.densities())));
    String row = "//tr[td[1] = '%s' and count(td) = 7]";
    assertThat(texts(page, row.formatted("train-flow") + "/td"))
        .startsWith("train-flow", "25.00", "13.00", "4.00", "3.00", "5.00");
    assertThat(texts(page, row.formatted("train-flow") + "//span/@style"))
        .containsExactly("width:52.00%", "width:16.00%", "width:12.00%", "width:20.00%");
    assertThat(texts(page, row.formatted("score") + "/td"))
        .startsWith("score", "12.50", "12.50", "\u2013", "\u2013", "\u2013");
    assertThat(texts(page, row.formatted("score") + "//span/@style")).startsWith("width:50.00%");
    assertThat(texts(page, row.formatted("old"))).isEmpty();
  }

  private static RunFacts.Stage stage(String job, Manifest manifest) {
    return new RunFacts.Stage(job, "place", new Content.Present<>(manifest), null);
  }
}
