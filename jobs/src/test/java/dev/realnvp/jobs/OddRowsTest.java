package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.scores.Calibration;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.FlowScorer;
import dev.realnvp.spark.inference.RoundTrip;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Split;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows and labels that are right, and that little is made for. */
class OddRowsTest {

  private static final String SPLIT = "select id, if(id % 4 = 0, 'test', 'train') split,";

  @TempDir static Path folder;

  private static Runs runs;

  @BeforeAll
  static void start() {
    runs = Runs.in(folder, "table.features-col=v");
  }

  /** Trains and scores in a run of that name. */
  private static Dataset<Row> scored(String run, String sql, String... sets) throws IOException {
    Runs all = runs.with(runs.write(run + " table", sql)).with(sets);
    all.train(run);
    all.score(run);
    return runs.scores(run);
  }

  @Test
  void labelsThatLookLikeCredentialsAreData() throws IOException {
    Dataset<Row> scores =
        scored(
            "tokens",
            "select id, array('token:a', 'token:b')[id % 2] `password:p`,"
                + " array(randn(1) + id % 2, randn(2)) v from range(0, 400, 1, 2)",
            "table.label-col=password:p",
            "table.where=`password:p` != 'token=5'");
    assertThat(runs.flow("tokens").manifest().config().get("class_names"))
        .isEqualTo(List.of("token:a", "token:b"));
    assertThat(scores.where("label is null or label_name is null").count()).isZero();
    assertThat(scores.select("predicted_label_name").distinct().count()).isEqualTo(2);
  }

  /** Nine of ten rows are the same to the last bit, and the others are of two kinds. */
  @Test
  void aTableOfFewDifferentRowsIsCalibratedAndScored() throws IOException {
    Dataset<Row> scores =
        scored(
            "few",
            SPLIT
                + " case when id % 20 = 7 then array(1d, 0d) when id % 40 = 8 then array(0d, 1d)"
                + " else array(0d, 0d) end v from range(0, 1200, 1, 3)");
    assertThat(runs.flow("few").calibration().orElseThrow().count()).isEqualTo(300);
    assertThat(
            scores
                .where("abs(anomaly_score) < double('infinity') and percentile between 0 and 1")
                .count())
        .isEqualTo(1200);
  }

  @Test
  void oneRowBeyondFloatsSpoilsNoOther() throws IOException {
    Dataset<Row> scores =
        scored(
            "sentinel",
            SPLIT
                + " int(id % 2) label,"
                + " if(id = 8, array(-3.4e38d, 3.4e38d), array(randn(1), randn(2))) v"
                + " from range(0, 400, 1, 2)");
    StoredModel flow = runs.flow("sentinel");
    assertThat(flow.calibration().orElseThrow().count()).isEqualTo(99);
    assertThat(FlowScorer.countWithoutDensity(scores)).isOne();
    Row sentinel = scores.where("id = 8").first();
    for (String column :
        List.of(
            "log_prob",
            "log_prob_label",
            "predicted_label",
            "predicted_probability",
            "posterior",
            "percentile",
            "typicality",
            "anomaly_score")) {
      assertThat(sentinel.<Object>getAs(column)).as(column).isNull();
    }
    assertThat(sentinel.<Boolean>getAs("anomaly")).isTrue();
    assertThat(sentinel.<Boolean>getAs("class_anomaly")).isTrue();
    assertThat(scores.where("abs(log_prob) < double('infinity')").count()).isEqualTo(399);

    String table = runs.path("sentinel table");
    EmbeddingTable scored =
        Embeddings.read(runs.spark(), table, EmbeddingQuery.of("v", InvalidRows.REFUSE));
    TestScores read =
        TestScores.read(
            Run.of(runs.spark(), runs.settings("sentinel", runs.input("sentinel table"))),
            flow,
            scored,
            Split.TEST);
    assertThat(read.nll()).isFinite();
    assertThat(read.nllNoLabel()).isFinite();
    assertThat(read.posterior().orElseThrow().ece()).isBetween(0.0, 1.0);
    assertThat(read.posterior().orElseThrow().brier()).isBetween(0.0, 2.0);
    assertThat(read.falseAlarms()).isEmpty();
    assertThat(
            RoundTrip.greatestError(
                scored.split(Split.TEST),
                SharedModel.broadcast(runs.spark(), flow.network()),
                FlowModel.prior(flow, RealNVP.of(flow.network())),
                100))
        .isLessThan(1e-3);
  }

  /** Where no held-out row has a density, the flow is there all the same. */
  @Test
  @Tag("nightly")
  void aFlowThatCannotBeCalibratedIsWrittenAndScores() throws IOException {
    Dataset<Row> scores =
        scored(
            "beyond",
            SPLIT
                + " if(id % 4 = 0, array(-3.4e38d, 3.4e38d), array(randn(1), randn(2))) v"
                + " from range(0, 400, 1, 2)");
    assertThat(runs.flow("beyond").calibration()).isEmpty();
    assertThat(scores.where("anomaly is null and log_prob is not null").count()).isEqualTo(300);
  }

  /** Of 60 rows none is as strange as one of a hundred; 150 are too few to judge half by half. */
  @ParameterizedTest
  @ValueSource(ints = {60, 150})
  void whatFewRowsCannotTellIsSaid(int rows) throws IOException {
    String run = "few " + rows;
    Dataset<Row> scores =
        scored(
            run,
            "select id, id % 2 label, array(randn(1), randn(2)) v from range(0, "
                + rows
                + ", 1, 1)");
    Metrics metrics = runs.run(new Evaluate(), run, runs.input(run + " table"));
    assertThat(metrics.figure("false_alarms")).isNull();
    assertThat(metrics.figure("class_false_alarms")).isNull();
    assertThat(scores.where("class_anomaly is null").count()).isEqualTo(rows);
    assertThat(scores.where("anomaly is null").count()).isEqualTo(rows < 99 ? rows : 0);
    runs.run(new Report(), run);
    assertThat(Files.readString(folder.resolve(run).resolve("report/index.html")))
        .contains(rows < 99 ? "There is no threshold" : "too few train rows to measure it")
        .doesNotContain("Infinity", "NaN", "as measured on other rows");
    Calibration calibration = runs.flow(run).calibration().orElseThrow();
    assertThat(Score.threshold(calibration.detector(0.01), calibration, 0.01))
        .contains(
            rows < 99
                ? "60 train rows are too few for a threshold that 0.01 of rows exceed"
                : "class_anomaly stays null for 2 of 2 classes")
        .doesNotContain("Infinity");
  }
}
