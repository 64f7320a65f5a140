package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The metrics of a whole run against its tables. */
@ExtendWith(SharedRuns.class)
class PipelineMetricsTest {

  private final PipelineRun run;

  PipelineMetricsTest(PipelineRun run) {
    this.run = run;
  }

  @Test
  void metricsAreThoseOfTheTables() throws IOException {
    double nll =
        run.table("scores")
            .where("split = 'test'")
            .selectExpr("-avg(log_prob_label)")
            .first()
            .getDouble(0);
    assertThat(run.metrics().testNll()).isCloseTo(nll, within(1e-9));
    assertThat(run.metrics().roundtripMaxError()).isBetween(0.0, 1e-3);
    assertThat(run.metrics().testBce()).isBetween(0.2, 0.7);
    Path file = run.folder().resolve("run a/evaluation/metrics.json");
    Map<?, ?> written = new ObjectMapper().readValue(file.toFile(), Map.class);
    assertThat(written.keySet().stream().map(Object::toString))
        .containsExactlyInAnyOrder(
            "test_bce",
            "test_nll",
            "test_nll_no_label",
            "classifier_accuracy",
            "reconstruction_accuracy",
            "sample_accuracy",
            "roundtrip_max_error",
            "posterior_ece",
            "posterior_brier",
            "false_alarm_rate",
            "false_alarms",
            "class_false_alarms",
            "against");
    assertThat(run.metrics().against()).isNull();
    assertThat(written.get("test_nll")).isEqualTo(run.metrics().testNll());
    double brier =
        run.table("scores")
            .where("split = 'test'")
            .selectExpr(
                "avg(aggregate(transform(posterior, (p, k) -> double(p) - int(k = label)), 0d,"
                    + " (sum, off) -> sum + off * off))")
            .first()
            .getDouble(0);
    assertThat(run.metrics().posteriorBrier()).isCloseTo(brier, within(1e-6));
    assertThat(run.metrics().posteriorEce()).isBetween(0.0, 1.0);
    assertThat(run.metrics().falseAlarmRate())
        .isEqualTo(run.config().getDouble("score.false-alarm-rate"));
    assertThat(run.metrics().falseAlarms()).isBetween(0.0, 0.05);
    assertThat(run.metrics().classFalseAlarms()).isBetween(0.0, 0.2);
  }

  @Test
  void aFlowWithoutClassesIsEvaluatedWithoutThem() throws IOException {
    Config free =
        run.settings(
            "free",
            "flow.conditional=false",
            "paths.images=" + run.folder().resolve("run a/images"),
            "paths.autoencoder=" + run.folder().resolve("run a/autoencoder"),
            "paths.classifier=" + run.folder().resolve("run a/classifier"),
            "paths.embeddings=" + run.folder().resolve("run a/embeddings"),
            "flow.validation=0.2",
            "score.false-alarm-rate=0.1");
    new TrainFlow().run(run.spark(), free);
    new Score().run(run.spark(), free);
    assertThat(new Sample().run(run.spark(), free).rows()).isEqualTo(12);
    Metrics figures = new Evaluate().run(run.spark(), free);
    assertThat(figures.sampleAccuracy()).isNull();
    assertThat(figures.testNll()).isFinite().isEqualTo(figures.testNllNoLabel());
    assertThat(figures.posteriorEce()).isNull();
    assertThat(figures.posteriorBrier()).isNull();
    assertThat(figures.classFalseAlarms()).isNull();
    // Calibrated on validation rows, the test rows are judged as scores/ has them.
    double marked =
        run.spark()
            .read()
            .parquet(run.folder().resolve("free/scores").toString())
            .where("split = 'test'")
            .selectExpr("avg(int(anomaly))")
            .first()
            .getDouble(0);
    assertThat(figures.falseAlarmRate()).isEqualTo(0.1);
    assertThat(figures.falseAlarms()).isEqualTo(marked).isBetween(0.02, 0.3);
  }
}
