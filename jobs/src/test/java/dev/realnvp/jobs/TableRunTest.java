package dev.realnvp.jobs;

import static dev.realnvp.jobs.report.ReportPages.assertSelfContained;
import static dev.realnvp.jobs.report.ReportPages.parse;
import static dev.realnvp.jobs.report.ReportPages.texts;
import static org.apache.spark.sql.functions.desc;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.scores.DensityGain;
import dev.realnvp.scores.Detection;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.summary.ClassFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/**
 * A table that is no run's own: it is named to train-flow and to score, and evaluate and report
 * find it by the run alone. Two features lie on a ring, which no Gaussian is like; rows in the
 * middle are marked as anomalies.
 */
@ExtendWith(LocalSpark.class)
class TableRunTest {

  @TempDir static Path folder;

  private static SparkSession spark;
  private static Metrics metrics;

  @BeforeAll
  static void run(SparkSession session) throws IOException {
    spark = session;
    spark
        .sql(
            "select id, split, kind, fraud, array(r * cos(angle), r * sin(angle), 10 * noise) v"
                + " from (select id, if(id % 3 = 0, 'test', 'train') split,"
                + " array('cat', 'dog')[id % 2] kind, int(id % 60 < 2) fraud,"
                + " if(id % 60 < 2, 0.3, 3 + 0.1 * randn(1)) r, 6.283 * rand(2) angle, randn(3) noise"
                + " from range(0, 3000, 1, 2))")
        .write()
        .parquet(path("table"));
    String[] table = {
      "paths.embeddings=" + path("table"), "table.features-col=v", "table.label-col=kind"
    };
    new TrainFlow().run(spark, settings(table));
    new Score().run(spark, settings(table));
    metrics = new Evaluate().run(spark, settings("evaluate.anomaly-col=fraud"));
    new Report().run(spark, settings());
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static Config settings(String... more) {
    return settingsOf("run", more);
  }

  private static Config settingsOf(String run, String... more) {
    return Settings.load(
        null,
        Stream.concat(
                Stream.of("flow.epochs=12", "flow.hidden=[32]", "flow.couplings=4"),
                Stream.of(more))
            .toList(),
        Map.of("run", path(run)));
  }

  private static Dataset<Row> scores() {
    return spark.read().parquet(path("run/scores"));
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

  /** Of so few rows it fits the baselines beside the training. */
  @Test
  void aPipelinesFiguresAreThoseOfAnEvaluationOfItsOwn() throws IOException {
    String[] few = {
      "pipeline.input=" + path("table"), "table.features-col=v", "table.where=id < 1500"
    };
    Metrics piped = new Pipeline().run(spark, settingsOf("piped", few));
    assertThat(piped.baselines()).containsOnlyKeys("gaussian", "mixture");
    assertThat(
            new Evaluate()
                .run(spark, settingsOf("piped", "paths.evaluation=" + path("piped/again"))))
        .isEqualTo(piped);
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
            "anomaly_score", "log_prob", "typicality", "gaussian", "mixture", "isolation_forest");
    Map<Long, Integer> fraud =
        spark.read().parquet(path("table")).select("id", "fraud").collectAsList().stream()
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
        .containsExactly("Not there yet: no " + path("run/spark-events") + ".");
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
  void aColumnThatMarksNothingIsRefused() throws IOException {
    refuses("kind", "Column 'kind' of ", "is of type string, expected boolean or tinyint");
    refuses("id", "Column 'id' of ", "holds 0.0, 1.0, 2.0; expected 0 and 1, or false and true");
    refuses("nothing", "has no column 'nothing', only id, split, kind, fraud, v");
  }

  private static void refuses(String column, String... messages) {
    assertThatThrownBy(
            () ->
                new Evaluate()
                    .run(
                        spark,
                        settings(
                            "evaluate.anomaly-col=" + column,
                            "paths.evaluation=" + path("refused"))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContainingAll(messages)
        .message()
        .hasLineCount(1);
  }

  @Test
  void aTableWithoutATestSplitIsMeasuredOnItsTrainRows() throws IOException {
    Config train =
        settings(
            "table.where=split = 'train'",
            "paths.flow=" + path("train/flow"),
            "paths.scores=" + path("train/scores"),
            "paths.evaluation=" + path("train/evaluation"),
            "paths.embeddings=" + path("table"),
            "table.features-col=v",
            "flow.epochs=1");
    new TrainFlow().run(spark, train);
    new Score().run(spark, train);
    Metrics figures = new Evaluate().run(spark, train);
    assertThat(figures.split()).isEqualTo("train");
    assertThat(figures.rows()).isEqualTo(2000);
    assertThat(figures.figure("posterior_ece")).isNull();
    assertThat(figures.figure("false_alarms")).isBetween(0.0, 0.05);
    assertThat(figures.classes()).isEmpty();
  }

  private static Config marked(String run, String... more) {
    return settingsOf(
        run,
        Stream.concat(
                Stream.of(
                    "flow.epochs=1",
                    "flow.couplings=2",
                    "table.features-cols=f*",
                    "table.hold-out=0.5"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private static void makeMarked() {
    spark
        .sql(
            "select id, int(id % 20 = 0) label, int(id % 20 = 0) fraud, int(id % 2) w,"
                + " randn(1) f1, randn(2) f2, randn(3) f3 from range(0, 400, 1, 2)")
        .write()
        .mode("overwrite")
        .parquet(path("marked"));
  }

  @Test
  void aColumnThatMarksAnomaliesIsLeftOutOfTheTraining() throws IOException {
    makeMarked();
    for (String column : List.of("label", "fraud")) {
      Config config =
          marked(
              "marks-" + column,
              "pipeline.input=" + path("marked"),
              "evaluate.anomaly-col=" + column,
              "table.no-label=" + column.equals("fraud"));
      Metrics figures = new Pipeline().run(spark, config);
      assertThat(figures.anomalies().column()).isEqualTo(column);
      Map<String, Object> flow =
          Manifests.ofModel(
                  spark.sparkContext().hadoopConfiguration(), path("marks-" + column) + "/flow")
              .orElseThrow()
              .config();
      assertThat(flow.get("classes")).isEqualTo(0);
      assertThat(flow.get("features")).isEqualTo(column.equals("fraud") ? 3 : 4);
      assertThat(spark.read().parquet(path("marks-" + column) + "/scores").columns())
          .contains(column);
    }
  }

  @Test
  void aColumnThatMarksAnomaliesIsNothingElse() throws IOException {
    makeMarked();
    String table = "paths.embeddings=" + path("marked");
    // Named for the training.
    for (String use :
        List.of(
            "table.features-cols=f1,f2,fraud",
            "table.label-col=fraud",
            "table.weight-col=FRAUD",
            "table.context-cols=w,fraud")) {
      assertThatThrownBy(
              () ->
                  new TrainFlow()
                      .run(spark, marked("named", table, "evaluate.anomaly-col=fraud", use)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContainingAll("Column 'fraud' of " + path("marked"), "marks anomalies")
          .message()
          .hasLineCount(1);
    }
    // Learnt by a flow: from a pattern, as the class by default and by name, otherwise.
    String[][] learnt = {
      {"fraud", "feature", "table.no-label=true"},
      {"label", "class", "table.features-cols=f1,f2,f3"},
      {"fraud", "named class", "table.features-cols=f1,f2,f3", "table.label-col=fraud"},
      {"w", "weight", "table.no-label=true", "table.weight-col=w"},
      {"w", "context", "table.no-label=true", "table.context-cols=w"},
    };
    for (String[] use : learnt) {
      String run = "learnt-" + use[1];
      String[] sets =
          Stream.concat(Stream.of(table), Stream.of(use).skip(2)).toArray(String[]::new);
      new TrainFlow().run(spark, marked(run, sets));
      assertThatThrownBy(
              () ->
                  new Evaluate()
                      .run(spark, settingsOf(run, table, "evaluate.anomaly-col=" + use[0])))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContainingAll(
              "has column '" + use[0] + "' as a feature, class,", "train it again")
          .message()
          .hasLineCount(1);
    }
  }
}
