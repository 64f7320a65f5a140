package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.FalseAlarms;
import dev.realnvp.scores.ScoredRows;
import dev.realnvp.scores.Temperature;
import dev.realnvp.spark.Vectors;
import dev.realnvp.spark.images.Pixels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The metrics of a whole run against its tables. */
class PipelineMetricsTest {

  private final PipelineRun run = SharedRuns.images();

  @Test
  void metricsAreThoseOfTheTables() throws IOException {
    double nll =
        run.table("scores")
            .where("split = 'test'")
            .selectExpr("-avg(log_prob_label)")
            .first()
            .getDouble(0);
    assertThat(run.metrics().figure("test_nll")).isCloseTo(nll, within(1e-9));
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
            "against",
            "split",
            "rows",
            "baselines",
            "classes",
            "reliability",
            "anomalies");
    assertThat(run.metrics().against()).isNull();
    assertThat(written.get("test_nll")).isEqualTo(run.metrics().figure("test_nll"));
    double[] off = new double[16];
    double brier = 0;
    List<Row> rows = run.table("scores").where("split = 'test'").collectAsList();
    for (Row row : rows) {
      int label = row.getAs("label");
      double[] posterior = posterior(row);
      for (int k = 0; k < posterior.length; k++) {
        brier += Math.pow(posterior[k] - (k == label ? 1 : 0), 2) / rows.size();
      }
      double most = DoubleStream.of(posterior).max().orElseThrow();
      int right = row.<Integer>getAs("predicted_label") == label ? 1 : 0;
      off[(int) Math.ceil(most * 15)] += (right - most) / rows.size();
    }
    assertThat(run.metrics().figure("posterior_brier")).isCloseTo(brier, within(1e-6));
    assertThat(run.metrics().figure("posterior_ece"))
        .isCloseTo(DoubleStream.of(off).map(Math::abs).sum(), within(1e-6));
    assertThat(run.metrics().figure("false_alarm_rate"))
        .isEqualTo(run.config().getDouble("score.false-alarm-rate"));
    Optional<FalseAlarms> alarms = falseAlarms();
    assertThat(run.metrics().figure("false_alarms"))
        .isEqualTo(alarms.map(FalseAlarms::share).orElse(null));
    assertThat(run.metrics().figure("class_false_alarms"))
        .isEqualTo(alarms.flatMap(FalseAlarms::greatestClassShare).orElse(null));
  }

  /** At the temperature of the half of the test rows that a row is not of. */
  private double[] posterior(Row row) throws IOException {
    Temperature fitted = run.model("flow").calibration().orElseThrow().temperature();
    double power = fitted.value() / fitted.ofOtherHalf(row.getAs("log_prob"));
    double[] powers =
        row.<Float>getList(row.fieldIndex("posterior")).stream()
            .mapToDouble(p -> Math.pow(p, power))
            .toArray();
    double total = DoubleStream.of(powers).sum();
    return DoubleStream.of(powers).map(p -> p / total).toArray();
  }

  /** The flow is calibrated on the test split, so each half is judged by the other one. */
  private Optional<FalseAlarms> falseAlarms() {
    List<Row> rows =
        run.table("scores")
            .where("split = 'test'")
            .select("log_prob", "relative_error", "predicted_label")
            .collectAsList();
    ScoredRows scored =
        new ScoredRows(
            rows.stream().mapToDouble(row -> row.getDouble(0)).toArray(),
            Calibration.RELATIVE_ERROR,
            rows.stream().mapToDouble(row -> row.getDouble(1)).toArray(),
            rows.stream().mapToInt(row -> row.getInt(2)).toArray());
    return FalseAlarms.byHalves(scored, 10, run.config().getDouble("score.false-alarm-rate"));
  }

  /** By the definition, of what the DL4J network makes of the images. */
  @Test
  void testBceIsTheCrossEntropyOfTheReconstructions() throws IOException {
    Autoencoder autoencoder = Autoencoder.of(run.model("autoencoder").network());
    byte[][] images =
        run.table("images").where("split = 'test'").select("pixels").collectAsList().stream()
            .map(row -> row.<byte[]>getAs(0))
            .toArray(byte[][]::new);
    INDArray x = Pixels.toArray(images, PipelineRun.LAYOUT);
    float[] targets = x.dup('c').data().asFloat();
    float[] share = autoencoder.network().output(x).dup('c').data().asFloat();
    double sum = 0;
    for (int i = 0; i < targets.length; i++) {
      sum -= targets[i] * Math.log(share[i]) + (1 - targets[i]) * Math.log1p(-share[i]);
    }
    assertThat(run.metrics().figure("test_bce")).isCloseTo(sum / targets.length, within(1e-5));
  }

  /** Floats lose something on the way there and back, and how much follows from the flow. */
  @Test
  void roundTripErrorIsTheGreatestOfTheTestRows() throws IOException {
    FlowEngine flow = FlowEngine.of(RealNVP.of(run.model("flow").network()));
    double greatest = 0;
    for (Row row :
        run.table("embeddings")
            .where("split = 'test'")
            .select("embedding", "label")
            .collectAsList()) {
      float[] x = Vectors.floats(row.getList(0));
      Context label = new Context.Classes(new int[] {row.getInt(1)}, flow.context());
      greatest = Math.max(greatest, flow.roundTripErrors(x, label, 1)[0]);
    }
    assertThat(run.metrics().figure("roundtrip_max_error"))
        .isCloseTo(greatest, withinPercentage(50));
    assertThat(greatest).isBetween(1e-8, 1e-4);
  }

  @Test
  @Tag("nightly")
  void aFlowWithoutClassesIsEvaluatedWithoutThem() throws IOException {
    Runs free =
        run.runs()
            .with(
                "flow.conditional=false",
                run.own("images"),
                run.own("autoencoder"),
                run.own("classifier"),
                run.own("embeddings"),
                "flow.validation=0.2",
                "sample.neighbours=0",
                "score.false-alarm-rate=0.1");
    free.train("free");
    free.score("free");
    assertThat(free.run(new Sample(), "free")).isEqualTo(12);
    Metrics figures = free.run(new Evaluate(), "free");
    assertThat(figures.figure("sample_accuracy")).isNull();
    assertThat(figures.figure("posterior_ece")).isNull();
    assertThat(figures.figure("posterior_brier")).isNull();
    assertThat(figures.figure("class_false_alarms")).isNull();
    // Calibrated on validation rows, the test rows are judged as scores/ has them.
    Row scored =
        free.scores("free")
            .where("split = 'test'")
            .selectExpr("avg(int(anomaly))", "-avg(log_prob)")
            .first();
    assertThat(figures.figure("false_alarm_rate")).isEqualTo(0.1);
    assertThat(figures.figure("false_alarms")).isEqualTo(scored.getDouble(0)).isBetween(0.02, 0.3);
    assertThat(figures.figure("test_nll")).isCloseTo(scored.getDouble(1), within(1e-9));
    assertThat(figures.figure("test_nll_no_label")).isEqualTo(figures.figure("test_nll"));
  }
}
