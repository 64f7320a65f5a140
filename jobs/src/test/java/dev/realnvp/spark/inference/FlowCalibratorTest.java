package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.ScoredRows;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.model.SharedModel;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a flow is calibrated on. */
class FlowCalibratorTest {

  private static final SparkSession spark = LocalSpark.session();

  private static FlowCalibrator calibrator;

  @BeforeAll
  static void makeFlow() {
    RealNVP flow =
        RealNVP.create(
            RealNVPConfig.builder(2, 0, 2, List.of(8)).seed(1).build(),
            new Optimizer(1e-3, Schedule.COSINE, 10, 0, 0));
    calibrator = new FlowCalibrator(SharedModel.broadcast(spark, flow.network()), 100);
  }

  /** Of 150,000 rows, half of which are equal. */
  private static Dataset<Row> rows(SparkSession spark) {
    return spark.sql(
        "select id, 'test' split, int(null) label, cast(if(id % 2 = 0, array(5d, 5d),"
            + " array(id % 1009 / 1009 - 0.5, id / 150000 - 0.5)) as array<float>) embedding"
            + " from range(0, 150000, 1, 2)");
  }

  private static Calibration calibrate(Dataset<Row> rows, long count) {
    return calibrator.calibrate(rows, count, "test", new double[] {1}).orElseThrow();
  }

  /** Scores that were made without it have no density along the curves. */
  @Test
  void scoresWithoutColumnsOfNowAreCollected() {
    Dataset<Row> scores =
        spark.sql("select 1d * id log_prob, int(null) predicted_label, 2d distance from range(3)");
    ScoredRows rows = FlowCalibrator.collect(scores, 3, Optional.of(Calibration.DISTANCE));
    assertThat(rows.logProb()).containsExactlyInAnyOrder(0, 1, 2);
    assertThat(rows.errors()).containsExactly(2, 2, 2);
    assertThat(rows.logProbZ()).isEmpty();
    rows =
        FlowCalibrator.collect(
            scores.withColumn(Calibration.LOG_PROB_Z, col("log_prob").plus(5)),
            3,
            Optional.of(Calibration.DISTANCE));
    assertThat(rows.logProbZ()).containsExactlyInAnyOrder(5, 6, 7);
  }

  @Test
  @Tag("nightly")
  void rowsAreDrawnAndNotVectors() {
    Calibration calibration = calibrate(rows(spark), 150_000);
    assertThat((double) calibration.count()).isCloseTo(100_000, within(1_000.0));
    double unlikely = calibration.logProb().quantile(0.2);
    assertThat(unlikely).isEqualTo(calibration.logProb().quantile(0.4));
    assertThat(calibration.logProb().level(unlikely)).isCloseTo(0.5, within(0.01));
  }

  @Test
  void theSameRowsGiveTheSameBits() {
    Dataset<Row> few = rows(spark).where("id < 9001");
    String expected = calibrate(few, 9001).toJson();
    assertThat(calibrate(few.repartition(7), 9001).toJson()).isEqualTo(expected);
    assertThat(calibrate(few.repartition(1).sort(col("id").desc()), 9001).toJson())
        .isEqualTo(expected);
  }
}
