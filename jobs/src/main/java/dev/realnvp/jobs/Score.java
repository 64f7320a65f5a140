package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.Explanations;
import dev.realnvp.spark.inference.FlowScorer;
import dev.realnvp.spark.model.StoredModel;
import dev.realnvp.spark.scores.AnomalyDetector;
import dev.realnvp.spark.scores.Calibration;
import dev.realnvp.spark.table.EmbeddingTable;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Log-likelihood and likeliest class of every embedding, and which are anomalies. */
@Command(
    name = "score",
    description =
        "Scores embeddings/ with the flow: log-likelihood in nats, most likely class, anomalies.",
    footer = {
      "",
      "Examples: submit/score.sh --run runs/mine",
      "          submit/score.sh --run runs/mine --input new.parquet --output scored",
      "          submit/score.sh --run runs/mine --explain 3"
    })
public final class Score extends Job<Score.Result> {

  /** Where the scores are, and how many. */
  public record Result(String output, long rows) {}

  static final String EXPLAIN = "score.explain";
  static final String EXPLAIN_ROWS = "score.explain-rows";

  /** The job with its options. */
  public Score() {
    super(RunStage.SCORE.reads(), RunStage.SCORE.writes(), "sample");
    embeddingsOptions();
    option(
        "--false-alarm-rate",
        "RATE",
        "score.false-alarm-rate",
        "Share of normal rows to mark as anomalies");
    option(
        "--explain",
        "K",
        EXPLAIN,
        "Name up to K features that make a row strange, in the column explanation; 0 for none");
    option("--explain-rows", "ROWS", EXPLAIN_ROWS, "Which rows to explain");
    option(
        "--context-cols",
        "COLUMN,...",
        Inputs.CONTEXT_COLS,
        "The columns of the numbers that the flow is conditioned on, if not those of its training");
    option("--output", "TABLE", "paths.scores", OUTPUT);
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new Score(), args);
  }

  @Override
  protected Result work(SparkSession spark, Config config) throws IOException {
    int batch = config.getInt("inference.batch");
    double falseAlarmRate = config.getDouble("score.false-alarm-rate");
    Outputs output = Outputs.open(spark, config, "paths.scores");
    StoredModel model = Inputs.model(spark, config, "paths.flow", FlowModel.KIND);
    RealNVP flow = RealNVP.of(model.network());
    Explanations explanations = explanations(config, model);
    EmbeddingTable table = Inputs.embeddings(spark, config, model, flow);
    double[] prior = FlowModel.prior(model, flow);
    Console.stage(
        "score: %,d rows%s",
        table.count(),
        prior.length == 0
            ? ", given " + String.join(", ", Inputs.contextCols(config, model, flow))
            : flow.context() == 0 ? "" : ", under each of %,d classes".formatted(flow.context()));
    AnomalyDetector detector = detector(model, table, falseAlarmRate);

    output.table(
        FlowScorer.score(
            table.rows(),
            model.broadcast(spark),
            prior,
            table.names(),
            detector,
            explanations,
            batch),
        Provenance.of(spark, config, RunStage.SCORE)
            .table(Map.of(Provenance.ROWS, table.count()), table.fingerprint()),
        table.count());
    long without = FlowScorer.countWithoutDensity(output.written());
    if (without > 0) {
      Console.say(
          "rows without a finite density: %,d; their log_prob and what follows from it are null,"
              + " and they count as anomalies",
          without);
    }
    return new Result(output.target(), table.count());
  }

  private static Explanations explanations(Config config, StoredModel model) {
    int count = config.getInt(EXPLAIN);
    Explanations.Rows rows =
        Explanations.Rows.valueOf(config.getString(EXPLAIN_ROWS).toUpperCase(Locale.ROOT));
    if (count > 0 && rows == Explanations.Rows.ANOMALIES && model.calibration().isEmpty()) {
      throw new ConfigurationException(
          "setting %s: expected all, because the flow has no calibration that tells anomalies; got %s"
              .formatted(EXPLAIN_ROWS, config.getString(EXPLAIN_ROWS)));
    }
    return new Explanations(count, rows);
  }

  /** By the flow's calibration; null where it has none. */
  private static AnomalyDetector detector(
      StoredModel model, EmbeddingTable table, double falseAlarmRate) {
    if (model.calibration().isEmpty()) {
      Console.say(
          "the flow has no calibration, so percentile, typicality, anomaly_score, anomaly and"
              + " class_anomaly stay null");
      return null;
    }
    Calibration calibration = model.calibration().get();
    AnomalyDetector detector = detector(calibration, table.reconstructed(), falseAlarmRate);
    Console.say(
        "anomalies by %s: above %.4g, which %s of %,d %s rows are",
        detector.reconstructs() ? "density and reconstruction error" : "density",
        detector.threshold(),
        falseAlarmRate,
        calibration.count(),
        calibration.split());
    return detector;
  }

  /** The detector for rows whose reconstruction errors are known, or are not. */
  static AnomalyDetector detector(
      Calibration calibration, boolean reconstructed, double falseAlarmRate) {
    return reconstructed
        ? calibration.detector(falseAlarmRate)
        : calibration.densityDetector(falseAlarmRate);
  }
}
