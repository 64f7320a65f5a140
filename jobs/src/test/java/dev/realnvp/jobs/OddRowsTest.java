package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.scores.Calibration;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.Evaluation;
import dev.realnvp.spark.inference.FlowScorer;
import dev.realnvp.spark.model.ModelDirectory;
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
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Rows and labels that are right, and that little is made for. */
@ExtendWith(LocalSpark.class)
class OddRowsTest {

  @TempDir static Path folder;

  private static SparkSession spark;

  @BeforeAll
  static void keep(SparkSession session) {
    spark = session;
  }

  private static String write(String name, String sql) {
    String path = folder.resolve(name).toString();
    spark.sql(sql).write().parquet(path);
    return path;
  }

  private static Config settings(String table, String... more) {
    List<String> sets =
        Stream.concat(
                Stream.of(
                    "paths.embeddings=" + table,
                    "table.features-col=v",
                    "flow.epochs=1",
                    "flow.hidden=[8]",
                    "flow.couplings=2"),
                Stream.of(more))
            .toList();
    return Settings.load(null, sets, Map.of("run", table + " run"));
  }

  private static StoredModel flow(String table) {
    return ModelDirectory.read(new Configuration(), table + " run/flow", "flow");
  }

  private static Dataset<Row> scores(String table) {
    return spark.read().parquet(table + " run/scores/*.parquet");
  }

  @Test
  void labelsThatLookLikeCredentialsAreData() throws IOException {
    String table =
        write(
            "tokens",
            "select id, array('token:a', 'token:b')[id % 2] `password:p`,"
                + " array(randn(1) + id % 2, randn(2)) v from range(0, 400, 1, 2)");
    Config config =
        settings(table, "table.label-col=password:p", "table.where=`password:p` != 'token=5'");
    new TrainFlow().run(spark, config);
    new Score().run(spark, config);
    assertThat(flow(table).manifest().config().get("class_names"))
        .isEqualTo(List.of("token:a", "token:b"));
    assertThat(scores(table).where("label is null or label_name is null").count()).isZero();
    assertThat(scores(table).select("predicted_label_name").distinct().count()).isEqualTo(2);
  }

  /** Nine of ten rows are the same to the last bit, and the others are of two kinds. */
  @Test
  void aTableOfFewDifferentRowsIsCalibratedAndScored() throws IOException {
    String table =
        write(
            "few",
            "select id, if(id % 4 = 0, 'test', 'train') split,"
                + " case when id % 20 = 7 then array(1d, 0d) when id % 40 = 8 then array(0d, 1d)"
                + " else array(0d, 0d) end v from range(0, 1200, 1, 3)");
    new TrainFlow().run(spark, settings(table));
    new Score().run(spark, settings(table));
    Calibration calibration = flow(table).calibration().orElseThrow();
    assertThat(calibration.count()).isEqualTo(300);
    assertThat(scores(table).where("abs(anomaly_score) < double('infinity')").count())
        .isEqualTo(1200);
    assertThat(scores(table).where("percentile between 0 and 1").count()).isEqualTo(1200);
  }

  @Test
  void oneRowBeyondFloatsSpoilsNoOther() throws IOException {
    String table =
        write(
            "sentinel",
            "select id, if(id % 4 = 0, 'test', 'train') split, int(id % 2) label,"
                + " if(id = 8, array(-3.4e38d, 3.4e38d), array(randn(1), randn(2))) v"
                + " from range(0, 400, 1, 2)");
    Config config = settings(table);
    new TrainFlow().run(spark, config);
    assertThat(flow(table).calibration().orElseThrow().count()).isEqualTo(99);
    new Score().run(spark, config);
    assertThat(FlowScorer.countWithoutDensity(scores(table))).isOne();
    Row sentinel = scores(table).where("id = 8").first();
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
    assertThat(scores(table).where("abs(log_prob) < double('infinity')").count()).isEqualTo(399);

    EmbeddingTable scored =
        Embeddings.read(spark, table, EmbeddingQuery.of("v", InvalidRows.REFUSE));
    TestScores read = TestScores.read(Run.of(spark, config), flow(table), scored, Split.TEST);
    assertThat(read.nll()).isFinite();
    assertThat(read.nllNoLabel()).isFinite();
    assertThat(read.posterior().orElseThrow().ece()).isBetween(0.0, 1.0);
    assertThat(read.posterior().orElseThrow().brier()).isBetween(0.0, 2.0);
    assertThat(read.falseAlarms()).isEmpty();
    Evaluation evaluation = new Evaluation(100);
    assertThat(
            evaluation.roundTripError(
                scored.split(Split.TEST),
                SharedModel.broadcast(spark, flow(table).network()),
                FlowModel.prior(flow(table), RealNVP.of(flow(table).network()))))
        .isLessThan(1e-3);
  }

  /** Where no held-out row has a density, the flow is there all the same. */
  @Test
  @Tag("nightly")
  void aFlowThatCannotBeCalibratedIsWrittenAndScores() throws IOException {
    String table =
        write(
            "beyond",
            "select id, if(id % 4 = 0, 'test', 'train') split,"
                + " if(id % 4 = 0, array(-3.4e38d, 3.4e38d), array(randn(1), randn(2))) v"
                + " from range(0, 400, 1, 2)");
    Config config = settings(table);
    new TrainFlow().run(spark, config);
    assertThat(flow(table).calibration()).isEmpty();
    new Score().run(spark, config);
    assertThat(scores(table).where("anomaly is null and log_prob is not null").count())
        .isEqualTo(300);
  }

  /**
   * Of 60 rows none is so strange as one of a hundred, and of 150 one half cannot tell of the
   * other.
   */
  @Test
  void whatFewRowsCannotTellIsSaid() throws IOException {
    for (int rows : new int[] {60, 150}) {
      String table =
          write(
              "few " + rows,
              "select id, id %% 2 label, array(randn(1), randn(2)) v from range(0, %d, 1, 1)"
                  .formatted(rows));
      Config config = settings(table);
      new TrainFlow().run(spark, config);
      new Score().run(spark, config);
      Metrics metrics = new Evaluate().run(spark, config);
      assertThat(metrics.figure("false_alarms")).isNull();
      assertThat(metrics.figure("class_false_alarms")).isNull();
      assertThat(scores(table).where("class_anomaly is null").count()).isEqualTo(rows);
      assertThat(scores(table).where("anomaly is null").count()).isEqualTo(rows < 99 ? rows : 0);
      new Report().run(spark, config);
      String page = Files.readString(Path.of(table + " run/report/index.html"));
      assertThat(page)
          .contains(rows < 99 ? "There is no threshold" : "too few train rows to measure it")
          .doesNotContain("Infinity", "NaN", "as measured on other rows");
      Calibration calibration = flow(table).calibration().orElseThrow();
      assertThat(Scoring.threshold(calibration.detector(0.01), calibration, 0.01))
          .contains(
              rows < 99
                  ? "60 train rows are too few for a threshold that 0.01 of rows exceed"
                  : "class_anomaly stays null for 2 of 2 classes")
          .doesNotContain("Infinity");
    }
  }
}
