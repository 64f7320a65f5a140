package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Checked;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.jobs.cli.Version;
import dev.realnvp.spark.data.EmbeddingTable;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.FlowScorer;
import dev.realnvp.spark.model.StoredModel;
import dev.realnvp.spark.scores.AnomalyDetector;
import dev.realnvp.spark.scores.Calibration;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Log-likelihood and likeliest class of every embedding, and which are anomalies. */
@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description =
        "Scores embeddings/ with the flow: log-likelihood in nats, likeliest class, anomalies.",
    footer = {
      "",
      "Examples: submit/score.sh --run runs/mine",
      "          submit/score.sh --run runs/mine --input new.parquet --output scored"
    })
public final class Score extends EmbeddingsJob<Score.Result> {

  /** Where the scores are, and how many. */
  public record Result(String output, long rows) {}

  @Option(
      names = "--false-alarm-rate",
      paramLabel = "RATE",
      description = "How many normal rows may be anomalies, a share (score.false-alarm-rate).")
  void falseAlarmRate(double rate) {
    set("score.false-alarm-rate", rate);
  }

  @Option(
      names = "--context-cols",
      paramLabel = "COLUMN,...",
      description =
          "The columns of the numbers that the flow is given, if not as in its training"
              + " (flow.context-cols).")
  void contextCols(String columns) {
    set(Inputs.CONTEXT_COLS, columns);
  }

  @Option(names = "--output", paramLabel = "DIR", description = "The table (paths.scores).")
  void output(String output) {
    set("paths.scores", output);
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new Score(), args);
  }

  @Override
  protected List<String> reads() {
    return RunStage.SCORE.reads();
  }

  @Override
  protected List<String> writes() {
    return List.of(RunStage.SCORE.path());
  }

  @Override
  public String next() {
    return "sample";
  }

  @Override
  protected Result work(SparkSession spark, Config config) throws IOException {
    int batch = Checked.positive(config, "inference.batch");
    double falseAlarmRate = Checked.rate(config, "score.false-alarm-rate");
    Outputs output = Outputs.open(spark, config, "paths.scores");
    StoredModel model = Inputs.model(spark, config, "paths.flow", FlowModel.KIND);
    RealNVP flow = RealNVP.of(model.network());
    EmbeddingTable table = Inputs.embeddings(spark, config, model, flow);
    double[] prior = FlowModel.prior(model, flow);
    Console.stage(
        "score: %,d rows%s",
        table.count(),
        prior.length == 0
            ? ", given " + String.join(", ", Inputs.contextCols(config, model, flow))
            : flow.context() == 0 ? "" : ", under each of %d classes".formatted(flow.context()));
    AnomalyDetector detector = detector(model, table, falseAlarmRate);

    output.table(
        FlowScorer.score(
            table.rows(), model.broadcast(spark), prior, table.names(), detector, batch),
        Provenance.table(
            RunStage.SCORE,
            config,
            Map.of(Provenance.ROWS, table.count()),
            table.fingerprint(),
            Inputs.parents(spark, config, RunStage.SCORE)),
        table.count());
    long without = FlowScorer.countWithoutDensity(Inputs.table(spark, output.target()));
    if (without > 0) {
      Console.say(
          "rows without a finite density: %,d; their log_prob and what follows from it are null,"
              + " and they count as anomalies",
          without);
    }
    return new Result(output.target(), table.count());
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
