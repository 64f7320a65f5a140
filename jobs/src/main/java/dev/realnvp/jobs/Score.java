package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.JobMetrics;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.jobs.run.TableRequest;
import dev.realnvp.jobs.run.TableRows;
import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.scores.Calibration;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.Explanations;
import dev.realnvp.spark.inference.FlowScorer;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.LongAccumulator;
import picocli.CommandLine.Command;

/** Log-likelihood and most likely class of every row of a table, and which are anomalies. */
@Command(
    name = "score",
    description =
        "Scores a table, or embeddings/, with the flow: log-likelihood in nats, most likely class, anomalies.",
    footer = {
      "",
      "Examples: submit/score.sh --run runs/mine",
      "          submit/score.sh --run runs/mine --input new.parquet --output scored",
      "          submit/score.sh --run runs/mine --explain 3 --overwrite",
      "          submit/score.sh --run runs/mine --newer-than scored --newer-by day --output scored2"
    })
public final class Score extends Job<Long> {

  private static final String EXPLAIN = "score.explain";
  private static final String EXPLAIN_ROWS = "score.explain-rows";
  private static final String POSTERIORS = "score.posterior-classes";

  public Score() {
    super(
        Stream.concat(RunStage.SCORE.reads().stream(), Stream.of(TableRows.NEWER_THAN)).toList(),
        RunStage.SCORE.writes(),
        "sample");
    embeddingsOptions();
    option("--false-alarm-rate=RATE", "score.false-alarm-rate");
    option("--explain=K", EXPLAIN);
    option("--explain-rows=ROWS", EXPLAIN_ROWS);
    option("--context-cols=COLUMN,...", TableRequest.CONTEXT_COLS);
    option("--keep=COLUMN,...", "score.keep");
    option("--drop-features", "score.drop-features");
    option("--posterior-classes=K", POSTERIORS);
    option("--newer-than=SCORES", TableRows.NEWER_THAN);
    option("--newer-by=COLUMN", TableRows.NEWER_BY);
    option("--output=TABLE", "paths.scores", OUTPUT);
  }

  @Override
  protected Long work(SparkSession spark, Config config) throws IOException {
    Run run = TableRows.newer(Run.of(spark, config).orAsTrained());
    Outputs output = Outputs.open(run, "paths.scores");
    if (TableRows.hasNoneNewer(run)) {
      Console.stage(
          "score: no row of %s has %s: nothing to do", run.table().place(), run.table().where());
      return 0L;
    }
    StoredModel model = run.model(RunStage.TRAIN_FLOW);
    Explanations explanations = explanations(config, model);
    EmbeddingTable table = table(run, model);
    RealNVP flow = RealNVP.of(model.network());
    double[] prior = FlowModel.prior(model, flow);
    Console.stage(
        "score: %,d rows%s",
        table.count(),
        prior.length == 0
            ? ", given " + String.join(", ", TableRows.contextCols(run, model))
            : flow.context() == 0 ? "" : ", under each of %,d classes".formatted(flow.context()));
    AnomalyDetector detector = detector(model, table, config.getDouble("score.false-alarm-rate"));

    output.table(
        counted(
            FlowScorer.score(
                table.rows(),
                SharedModel.broadcast(spark, model.network()),
                prior,
                model.temperature(),
                table.names(),
                detector,
                explanations,
                config.getInt(POSTERIORS),
                config.getInt("inference.batch"))),
        Provenance.of(run, RunStage.SCORE)
            .table(
                Map.of(Provenance.ROWS, table.count(), Provenance.SEEN, table.seen()),
                table.fingerprint()),
        table.count());
    long without = FlowScorer.countWithoutDensity(output.written());
    if (without > 0) {
      Console.say(
          "rows without a finite density: %,d; their log_prob and what follows from it are null,"
              + " and they count as anomalies",
          without);
    }
    return table.count();
  }

  /**
   * The same rows; how many of them are anomalies is seen while they are written. Not by a filter:
   * for one Spark 3.5 and 4 infer constraints, in time exponential in the columns (SPARK-33152).
   */
  private static Dataset<Row> counted(Dataset<Row> scores) {
    LongAccumulator anomalies = scores.sparkSession().sparkContext().longAccumulator("anomalies");
    JobMetrics.get().scores(() -> anomalies.value());
    UDF1<Boolean, Boolean> count =
        anomaly -> {
          if (Boolean.TRUE.equals(anomaly)) {
            anomalies.add(1);
          }
          return anomaly;
        };
    Column counted =
        functions
            .udf(count, DataTypes.BooleanType)
            .asNondeterministic()
            .apply(col("anomaly"))
            .as("anomaly", scores.schema().apply("anomaly").metadata());
    return scores.withColumn("anomaly", counted);
  }

  /**
   * The table to score, with the columns that it keeps: embeddings of images are not copied, unless
   * their column is named.
   */
  static EmbeddingTable table(Run run, StoredModel model) throws IOException {
    boolean own =
        run.manifest(RunStage.EXTRACT_EMBEDDINGS)
            .filter(manifest -> manifest.kind().equals(RunStage.EXTRACT_EMBEDDINGS.kind()))
            .isPresent();
    EmbeddingQuery.Passed passed =
        new EmbeddingQuery.Passed(
            TableRequest.list(run.config(), "score.keep"),
            !own && !run.config().getBoolean("score.drop-features"));
    return TableRows.shownTo(run, model, Optional.of(passed));
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
    return new Explanations(count, rows, FlowModel.features(model, "").featureNames());
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
    AnomalyDetector detector = calibration.detector(table.errors(), falseAlarmRate);
    Console.say("%s", threshold(detector, calibration, falseAlarmRate));
    return detector;
  }

  /** Which rows are anomalies, or that too few rows can tell. */
  static String threshold(AnomalyDetector detector, Calibration calibration, double rate) {
    String by = detector.reconstructs() ? " and " + detector.errorColumn().replace('_', ' ') : "";
    String rows = "%,d %s rows".formatted(calibration.count(), calibration.split());
    if (Double.isInfinite(detector.threshold())) {
      return "no anomalies by density%s: %s are too few for a threshold that %s of rows exceed, so anomaly and class_anomaly stay null"
          .formatted(by, rows, rate);
    }
    int classes = calibration.classes();
    long without = IntStream.range(0, classes).filter(k -> !detector.hasThreshold(k)).count();
    return "anomalies by density%s: above %.4g, which at most %s of %s are"
            .formatted(by, detector.threshold(), rate, rows)
        + (without == 0
            ? ""
            : "; class_anomaly stays null for %,d of %,d classes, which have too few of them"
                .formatted(without, classes));
  }
}
