package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.column.MetricFeatures;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.images.ImageFigures;
import dev.realnvp.jobs.images.OutOfDistribution;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.jobs.report.Numbers;
import dev.realnvp.jobs.run.LabelledAnomalies;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.jobs.run.TableRequest;
import dev.realnvp.jobs.run.TableRows;
import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.scores.DensityGain;
import dev.realnvp.scores.FalseAlarms;
import dev.realnvp.spark.cluster.BackgroundTask;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.images.ImageQuality;
import dev.realnvp.spark.inference.Baselines;
import dev.realnvp.spark.inference.FlowCalibrator;
import dev.realnvp.spark.inference.RoundTrip;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.summary.PosteriorQuality;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Split;
import dev.realnvp.stored.StoredModel;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** The figures of merit of a run, on its test split. */
@Command(
    name = "evaluate",
    description = {
      "Measures a run, of images or of a table, on its test split: evaluation/metrics.json.",
      "A table is the one that the flow was trained on, with the same columns, if no other is named;"
          + " of a table without a test split, its train rows are taken."
    },
    footer = {
      "",
      "Examples: submit/evaluate.sh --run runs/a",
      "          submit/evaluate.sh --run runs/mine --anomaly-col fraud",
      "          submit/evaluate.sh --run runs/a --out-of-distribution runs/b/images --output compared"
    })
public final class Evaluate extends Job<Metrics> {

  static final String FILE = "metrics.json";

  private Optional<Expected> expected = Optional.empty();

  public Evaluate() {
    super(
        Stream.concat(RunStage.EVALUATE.reads().stream(), Stream.of(OutOfDistribution.KEY))
            .toList(),
        RunStage.EVALUATE.writes(),
        "report");
    embeddingsOptions();
    option("--output=DIR", "paths.evaluation", "The folder");
    option("--anomaly-col=COLUMN", TableRequest.MARKS);
    option("--out-of-distribution=DIR", OutOfDistribution.KEY);
  }

  /** The baselines of a table that is likely to be evaluated, which rank no rows. */
  private record Expected(String fingerprint, int context, BackgroundTask<Baselines> baselines) {}

  /**
   * Starts to fit baselines, which need no flow, for {@link #run} in the same session. Not those
   * that rank rows: marked ones are read with more columns, which makes them another table. Nor
   * those of several kinds of features, which the flow's training finds.
   */
  void expect(EmbeddingTable table, Config config) {
    if (ranks(config) || table.encoder().learnt().kinds()) {
      return;
    }
    int context = TableRequest.of(config).context().size();
    expected =
        Optional.of(
            new Expected(
                table.fingerprint(),
                context,
                fit(table, context, config, false, Optional.empty())));
  }

  private static boolean ranks(Config config) {
    return !config.getString(TableRequest.MARKS).isEmpty()
        || !config.getString(OutOfDistribution.KEY).isEmpty();
  }

  /**
   * @param context how many numbers, a row's last values, the flow is conditioned on
   */
  private BackgroundTask<Baselines> baselines(
      EmbeddingTable table, int context, Config config, RealNVP flow) {
    boolean ranking = ranks(config);
    return expected
        .filter(
            of -> !ranking && of.fingerprint.equals(table.fingerprint()) && of.context == context)
        .map(Expected::baselines)
        .orElseGet(
            () -> fit(table, context, config, ranking, FlowModel.metric(flow, table.encoder())));
  }

  private static BackgroundTask<Baselines> fit(
      EmbeddingTable table,
      int context,
      Config config,
      boolean ranking,
      Optional<MetricFeatures> metric) {
    return BackgroundTask.start(
        () -> Baselines.fit(table, context, config.getLong("seed"), ranking, metric));
  }

  @Override
  protected Metrics work(SparkSession spark, Config config) throws IOException {
    Run run = Run.of(spark, config).asTrained();
    Outputs output = Outputs.open(run, "paths.evaluation");
    Optional<ImageFigures> images =
        run.isOfImages() ? Optional.of(ImageFigures.open(run)) : Optional.empty();
    StoredModel flow = run.model(RunStage.TRAIN_FLOW);
    RealNVP density = RealNVP.of(flow.network());
    int numbers = FlowModel.isConditionedOnNumbers(flow) ? density.context() : 0;
    int classes = density.context() - numbers;
    run.requireCurrent(RunStage.SCORE);
    if (images.isPresent() && classes > 0) {
      run.requireCurrent(RunStage.SAMPLE);
    }
    Optional<LabelledAnomalies> marked = LabelledAnomalies.open(run);
    marked.ifPresent(rows -> rows.requireUnknownTo(flow, classes));
    EmbeddingTable table = TableRows.shownTo(run, flow, marked.map(LabelledAnomalies::passed));
    Optional<OutOfDistribution> against = OutOfDistribution.open(run);
    Provenance provenance = Provenance.of(run, RunStage.EVALUATE);
    if (against.isPresent()) {
      against.get().requireFit(images.map(ImageFigures::autoencoder), flow, table);
    }
    String split = TableRows.heldOut(table);
    long count = table.splits().get(split);
    Console.stage(
        "evaluate: %,d %s rows%s",
        count,
        split,
        split.equals(Split.TRAIN)
            ? "; none are held out: expect better figures than on new rows"
            : "");

    BackgroundTask<Baselines> baselines = baselines(table, numbers, config, density);
    TestScores scores = TestScores.read(run, flow, table, split);
    AnomalyDetector detector =
        flow.calibration()
            .map(known -> known.detector(table.errors(), scores.falseAlarmRate()))
            .orElse(null);
    Map<String, Double> figures = new LinkedHashMap<>();
    Optional<ImageQuality> quality = images.map(ImageFigures::quality);
    figures.put("test_bce", quality.map(ImageQuality::loss).orElse(null));
    figures.put("test_nll", scores.nll());
    figures.put("test_nll_no_label", scores.nllNoLabel());
    figures.put("classifier_accuracy", quality.map(ImageQuality::accuracy).orElse(null));
    figures.put("reconstruction_accuracy", quality.map(ImageQuality::decodedAccuracy).orElse(null));
    figures.put(
        "sample_accuracy", classes == 0 || images.isEmpty() ? null : images.get().sampleAccuracy());
    figures.put(
        "roundtrip_max_error",
        RoundTrip.greatestError(
            table.split(split),
            SharedModel.broadcast(spark, flow.network()),
            FlowModel.prior(flow, density),
            config.getInt("inference.batch")));
    figures.put("posterior_ece", scores.posterior().map(PosteriorQuality::ece).orElse(null));
    figures.put("posterior_brier", scores.posterior().map(PosteriorQuality::brier).orElse(null));
    figures.put("false_alarm_rate", scores.falseAlarmRate());
    figures.put("false_alarms", scores.falseAlarms().map(FalseAlarms::share).orElse(null));
    figures.put(
        "class_false_alarms",
        scores
            .falseAlarms()
            .filter(alarms -> classes > 0)
            .flatMap(FalseAlarms::greatestClassShare)
            .orElse(null));
    EmbeddingTable normal = marked.isEmpty() ? table : marked.get().others(table, split);
    Metrics metrics =
        new Metrics(
            figures,
            against
                .map(
                    other ->
                        other.compare(
                            images.orElseThrow().autoencoder(),
                            flow,
                            table,
                            detector,
                            baselines.get()))
                .orElse(null),
            split,
            count,
            gains(run, flow, normal.split(split), normal.splits().get(split), baselines),
            scores.classes(),
            scores.posterior().map(PosteriorQuality::bins).orElse(List.of()),
            marked
                .map(rows -> rows.compare(flow, table, split, detector, baselines.get()))
                .orElse(null));
    say(metrics);
    Map<String, Object> facts = new LinkedHashMap<>();
    against.ifPresent(other -> facts.put(OutOfDistribution.FACT, other.fingerprint()));
    output.text(
        FILE,
        metrics.toJson(),
        provenance.table(facts, images.map(ImageFigures::fingerprint).orElse(table.fingerprint())));
    return metrics;
  }

  /** Of all rows, or of many some. */
  private static Map<String, DensityGain> gains(
      Run run,
      StoredModel flow,
      Dataset<Row> rows,
      long count,
      BackgroundTask<Baselines> baselines) {
    Dataset<Row> some = FlowCalibrator.sample(rows, count, FlowCalibrator.MOST_ROWS);
    double[] scores =
        LabelledAnomalies.scores(run, flow, some, null)
            .select(col("log_prob"))
            .collectAsList()
            .stream()
            .mapToDouble(row -> row.isNullAt(0) ? Double.NaN : row.getDouble(0))
            .toArray();
    return baselines.get().gains(scores, some);
  }

  private static void say(Metrics metrics) {
    metrics
        .figures()
        .forEach(
            (name, value) -> {
              if (value != null) {
                Console.say("%-24s %s", name, Numbers.text(value));
              }
            });
    metrics
        .baselines()
        .forEach(
            (name, gain) ->
                Console.say(
                    "gain over the %-11s %s nats per row, median %s, above 0 in %s of %,d rows",
                    name,
                    Numbers.withError(gain.gain(), gain.error()).replace("\u00b1", "+-"),
                    Numbers.text(gain.median()),
                    Numbers.percent(gain.better()),
                    gain.rows()));
    Stream.of(metrics.against(), metrics.anomalies())
        .filter(Objects::nonNull)
        .forEach(LabelledAnomalies::say);
  }

  /**
   * The metrics that an evaluation left.
   *
   * @throws InvalidInputException if they are not there, or not whole
   */
  static Metrics read(Run run) throws IOException {
    Path path = new Path(run.place("paths.evaluation"), FILE);
    try (InputStream in = path.getFileSystem(run.hadoop()).open(path)) {
      return Metrics.fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("there is no " + path, e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(path + " is " + e.getMessage(), e);
    }
  }
}
