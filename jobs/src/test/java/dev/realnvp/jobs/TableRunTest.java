package dev.realnvp.jobs;

import static dev.realnvp.jobs.report.ReportPages.assertSelfContained;
import static dev.realnvp.jobs.report.ReportPages.parse;
import static dev.realnvp.jobs.report.ReportPages.texts;
import static org.apache.spark.sql.functions.desc;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.scores.DensityGain;
import dev.realnvp.scores.Detection;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.summary.ClassFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;

/**
 * A table that is no run's own: it is named to train-flow and to score, and evaluate and report
 * find it by the run alone. Two features lie on a ring, which no Gaussian is like; rows in the
 * middle are marked as anomalies.
 */
class TableRunTest {

  @TempDir static Path folder;

  private static Runs runs;
  private static Metrics metrics;

  @BeforeAll
  static void run() throws IOException {
    runs = Runs.in(folder, "flow.epochs=9", "flow.hidden=[32]", "flow.couplings=4");
    String table =
        runs.write(
            "table",
            "select id, split, kind, fraud, array(r * cos(angle), r * sin(angle), 10 * noise) v"
                + " from (select id, if(id % 3 = 0, 'test', 'train') split,"
                + " array('cat', 'dog')[id % 2] kind, int(id % 60 < 2) fraud,"
                + " if(id % 60 < 2, 0.3, 3 + 0.1 * randn(1)) r, 6.283 * rand(2) angle, randn(3) noise"
                + " from range(0, 3000, 1, 2))");
    runs.train("run", table, "table.features-col=v", "table.label-col=kind");
    runs.score("run", table, "table.features-col=v", "table.label-col=kind");
    metrics = runs.run(new Evaluate(), "run", "evaluate.anomaly-col=fraud");
    runs.run(new Report(), "run");
  }

  private static Dataset<Row> scores() {
    return runs.scores("run");
  }

  @Test
  void theFiguresOfImagesAreNullAndTheOthersThere() throws IOException {
    assertThat(metrics.figure("test_bce")).isNull();
    assertThat(metrics.figure("classifier_accuracy")).isNull();
    assertThat(metrics.figure("reconstruction_accuracy")).isNull();
    assertThat(metrics.figure("sample_accuracy")).isNull();
    assertThat(metrics.figure("roundtrip_max_error")).isBetween(1e-9, 1e-2);
    assertThat(metrics.figure("posterior_ece")).isBetween(0.0, 0.5);
    assertThat(metrics.figure("false_alarms")).isBetween(0.0, 0.1);
    assertThat(metrics.split()).isEqualTo("test");
    assertThat(metrics.rows()).isEqualTo(1000);
    Row test =
        scores()
            .where("split = 'test'")
            .selectExpr("-avg(log_prob_label)", "-avg(log_prob)")
            .first();
    assertThat(metrics.figure("test_nll")).isCloseTo(test.getDouble(0), within(1e-9));
    assertThat(metrics.figure("test_nll_no_label")).isCloseTo(test.getDouble(1), within(1e-9));
    assertThat(Metrics.fromJson(Files.readString(folder.resolve("run/evaluation/metrics.json"))))
        .isEqualTo(metrics);
  }

  @Test
  void theFlowKnowsTheRingBetterThanAGaussianAndTheMixtureIsBetween() {
    DensityGain gaussian = metrics.baselines().get("gaussian");
    DensityGain mixture = metrics.baselines().get("mixture");
    double nll =
        scores()
            .where("split = 'test' and id % 60 >= 2")
            .selectExpr("-avg(log_prob)")
            .first()
            .getDouble(0);
    for (DensityGain gain : List.of(gaussian, mixture)) {
      assertThat(gain.rows()).isEqualTo(950);
      // The gain is the difference of the two means.
      assertThat(gain.gain()).isCloseTo(gain.nll() - nll, within(1e-4));
    }
    assertThat(mixture.nll()).isLessThan(gaussian.nll());
    assertThat(gaussian.gain()).isGreaterThan(3 * gaussian.error()).isGreaterThan(0.05);
    assertThat(gaussian.error()).isBetween(0.005, 0.2);
  }

  @Test
  void classesAreThoseOfTheScores() {
    for (ClassFigures figures : metrics.classes()) {
      Row row =
          scores()
              .where("split = 'test' and label_name = '%s'".formatted(figures.name()))
              .selectExpr(
                  "count(*)",
                  "-avg(log_prob_label)",
                  "avg(int(anomaly))",
                  "avg(int(label = predicted_label))")
              .first();
      assertThat(figures.rows()).isEqualTo(row.getLong(0));
      assertThat(figures.nll()).isCloseTo(row.getDouble(1), within(1e-9));
      assertThat(figures.anomalies()).isEqualTo(row.getDouble(2));
      assertThat(figures.accuracy()).isEqualTo(row.getDouble(3));
    }
    assertThat(metrics.classes()).extracting(ClassFigures::name).containsExactly("cat", "dog");
  }

  @Test
  void markedRowsAreToldAsTheScoresTellThem() {
    assertThat(metrics.anomalies().column()).isEqualTo("fraud");
    assertThat(metrics.anomalies().normalRows()).isEqualTo(950);
    assertThat(metrics.anomalies().anomalousRows()).isEqualTo(50);
    assertThat(metrics.anomalies().scores())
        .containsOnlyKeys(
            "anomaly_score",
            "log_prob",
            "log_prob_z",
            "distance",
            "typicality",
            "gaussian",
            "mixture",
            "isolation_forest");
    Map<Long, Integer> fraud =
        runs.table("table").select("id", "fraud").collectAsList().stream()
            .collect(Collectors.toMap(row -> row.getLong(0), row -> row.getInt(1)));
    List<Row> test = scores().where("split = 'test'").collectAsList();
    Detection expected = Detection.of(values(test, fraud, 0), values(test, fraud, 1));
    Detection got = metrics.anomalies().scores().get("anomaly_score");
    assertThat(got.auroc()).isCloseTo(expected.auroc(), within(1e-6));
    assertThat(got.averagePrecision()).isCloseTo(expected.averagePrecision(), within(1e-6));
    assertThat(got.auroc()).isGreaterThan(metrics.anomalies().scores().get("gaussian").auroc());
    long caught =
        test.stream()
            .filter(row -> fraud.get(row.<Long>getAs("id")) == 1 && row.<Boolean>getAs("anomaly"))
            .count();
    assertThat(metrics.anomalies().detected()).isEqualTo(caught / 50.0);
  }

  private static double[] values(List<Row> scores, Map<Long, Integer> fraud, int kind) {
    return scores.stream()
        .filter(row -> fraud.get(row.<Long>getAs("id")) == kind)
        .mapToDouble(row -> row.getAs("anomaly_score"))
        .toArray();
  }

  @Test
  void thePageHasAllThatATableHas() throws Exception {
    Document page = parse(Files.readString(folder.resolve("run/report").resolve(Report.FILE)));
    assertSelfContained(page);
    assertThat(texts(page, "//li[@class = 'done']/h3"))
        .containsExactly("train-flow", "score", "evaluate");
    assertThat(texts(page, "//li[@class = 'waits']")).isEmpty();
    // Without the program's main there is no event log.
    assertThat(texts(page, "//p[@class = 'missing']"))
        .containsExactly("Not there yet: no " + runs.path("run/spark-events") + ".");
    assertThat(texts(page, "//h2"))
        .startsWith("Verdict", "The strangest rows", "Scores", "Quality")
        .doesNotContain("Pictures");
    assertThat(texts(page, "//svg[not(@aria-hidden)]/@aria-label"))
        .hasSize(6)
        .contains(
            "Receiver operating characteristic of anomaly_score, gaussian, mixture,"
                + " isolation_forest");
    assertThat(texts(page, "//ul[@class = 'verdict']/li//strong"))
        .hasSize(7)
        .startsWith("The flow is better than a Gaussian. ")
        .contains("The threshold was set on held-out rows. ");
    assertThat(texts(page, "//ul[@class = 'verdict']/li[1]"))
        .singleElement()
        .asString()
        .contains("Of 950 test rows, the mean of log p(x) is above that of a Gaussian by ");
    assertThat(texts(page, "//tr[td[1] = 'cat'][td[2] = '500']")).hasSize(1);
    assertThat(texts(page, "//ul[@class = 'legend']/li")).contains(" mixture");
    Row strangest = scores().orderBy(desc("anomaly_score")).first();
    assertThat(texts(page, "(//table)[1]/tbody/tr[1]/td"))
        .startsWith(
            strangest.<Long>getAs("id").toString(),
            strangest.<String>getAs("label_name"),
            strangest.<String>getAs("predicted_label_name"));
  }

  @Test
  void aTableWithoutATestSplitIsMeasuredOnItsTrainRows() throws IOException {
    Runs train =
        runs.with(
            runs.input("table"),
            "table.where=split = 'train'",
            "table.features-col=v",
            "flow.epochs=1");
    train.train("train");
    train.score("train");
    Metrics figures = train.run(new Evaluate(), "train");
    assertThat(figures.split()).isEqualTo("train");
    assertThat(figures.rows()).isEqualTo(2000);
    assertThat(figures.figure("posterior_ece")).isNull();
    assertThat(figures.figure("false_alarms")).isBetween(0.0, 0.05);
    assertThat(figures.classes()).isEmpty();
  }

  private static Runs marked() {
    runs.write("marked", RefusedTest.MARKED);
    return runs.with(
        "flow.epochs=1",
        "flow.couplings=2",
        "table.features-cols=f*",
        "table.column-kinds=none",
        "table.hold-out=0.5");
  }

  /**
   * Of so few rows a pipeline fits the baselines beside the training. What exists is not made
   * again, unless the table is another.
   */
  @Test
  void aPipelineOfATable() throws IOException {
    Runs marked =
        marked().with("pipeline.input=" + runs.path("marked"), "evaluate.anomaly-col=label");
    Metrics piped = marked.run(new Pipeline(), "piped");
    assertThat(piped.figures().get("test_nll")).isNotNull();
    assertThat(piped.baselines()).containsOnlyKeys("gaussian", "mixture");
    assertThat(piped.anomalies().column()).isEqualTo("label");
    assertLeftOut("piped", "label", 4);
    assertThat(folder.resolve("piped/report/index.html")).exists();
    assertThat(folder.resolve("piped/samples")).doesNotExist();
    assertThat(
            runs.run(
                new Evaluate(),
                "piped",
                "evaluate.anomaly-col=label",
                "paths.evaluation=" + runs.path("piped/again")))
        .isEqualTo(piped);

    String scored = created("piped/scores");
    marked.run(new Pipeline(), "piped");
    assertThat(created("piped/scores")).isEqualTo(scored);

    // Only a column that passes through has changed.
    runs.write("marked", RefusedTest.MARKED.replace("int(id % 2) w", "int(id % 3) w"));
    marked
        .refused(false, new Pipeline(), "piped")
        .isEqualTo(
            "score: the table is another; --overwrite replaces the outdated outputs, of score, evaluate");
  }

  private static String created(String table) throws IOException {
    return Manifests.ofTable(runs.spark(), runs.path(table)).orElseThrow().created();
  }

  @Test
  void aColumnThatMarksAnomaliesIsLeftOutOfTheTraining() throws IOException {
    Runs marked = marked().with(runs.input("marked"), "evaluate.anomaly-col=fraud");
    marked.train("left-out", "table.no-label=true");
    marked.score("left-out", "table.no-label=true");
    assertLeftOut("left-out", "fraud", 3);
  }

  private static void assertLeftOut(String run, String column, int features) throws IOException {
    assertThat(runs.flow(run).manifest().config())
        .containsEntry("classes", 0)
        .containsEntry("features", features);
    assertThat(runs.scores(run).columns()).contains(column);
  }

  /** A feature and the class by default; the class by name, and the weight; the context. */
  @ParameterizedTest
  @CsvSource({
    "feature, 'table.features-cols=f1,f2,fraud', 'fraud,label'",
    "class, 'table.features-cols=f1,f2;table.label-col=fraud;table.weight-col=w', 'fraud,w'",
    "context, table.no-label=true;table.context-cols=w, w",
  })
  void aColumnThatTheFlowHasLearntMarksNoAnomalies(String run, String use, String columns)
      throws IOException {
    String table = runs.input("marked");
    marked().with(use.split(";")).train(run, table);
    for (String column : columns.split(",")) {
      runs.refused(false, new Evaluate(), run, table, "evaluate.anomaly-col=" + column)
          .contains("has column '" + column + "' as a feature, class,", "train it again");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kind | Column 'kind' of | is of type string, expected boolean or tinyint",
        "id | Column 'id' of | holds 0.0, 1.0, 2.0; expected 0 and 1, or false and true",
        "nothing | has no column 'nothing', | only id, split, kind, fraud, v",
      })
  void aColumnThatMarksNothingIsRefused(String column, String message, String more) {
    runs.refused(
            false,
            new Evaluate(),
            "run",
            "evaluate.anomaly-col=" + column,
            "paths.evaluation=" + runs.path("refused"))
        .contains(message, more);
  }
}
