package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;

import com.typesafe.config.Config;
import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.classifier.Classifier;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.inference.Evaluation;
import dev.realnvp.spark.model.ModelKinds;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.model.StoredModel;
import dev.realnvp.spark.scores.FalseAlarms;
import dev.realnvp.spark.summary.PosteriorQuality;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Split;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** The figures of merit of a whole run, on its test split. */
@Command(
    name = "evaluate",
    description = "Measures a complete run on its test split: evaluation/metrics.json.",
    footer = {
      "",
      "Examples: submit/evaluate.sh --run runs/a",
      "          submit/evaluate.sh --run runs/a --out-of-distribution runs/b/images --output compared"
    })
public final class Evaluate extends Job<Metrics> {

  /** The file of the metrics. */
  static final String FILE = "metrics.json";

  /** The job with its options. */
  public Evaluate() {
    super(
        Stream.concat(RunStage.EVALUATE.reads().stream(), Stream.of(OutOfDistribution.KEY))
            .toList(),
        RunStage.EVALUATE.writes(),
        null);
    option("--output", "DIR", "paths.evaluation", "The folder");
    option(
        "--out-of-distribution",
        "DIR",
        OutOfDistribution.KEY,
        "Other images, as ingest writes them: how well are they told apart from the run's own?");
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new Evaluate(), args);
  }

  @Override
  protected Metrics work(SparkSession spark, Config config) throws IOException {
    Evaluation evaluation = new Evaluation(config.getInt("inference.batch"));
    Outputs output = Outputs.open(spark, config, "paths.evaluation");
    StoredModel autoencoder =
        Inputs.model(spark, config, "paths.autoencoder", ModelKinds.AUTOENCODER);
    StoredModel classifier = Inputs.model(spark, config, "paths.classifier", ModelKinds.CLASSIFIER);
    StoredModel flow = Inputs.flow(spark, config);
    ImageTable images = Inputs.images(spark, config, "paths.images");
    RealNVP density = RealNVP.of(flow.network());
    EmbeddingTable embeddings = Inputs.embeddings(spark, config, flow, density);
    Optional<OutOfDistribution> against = OutOfDistribution.open(spark, config);
    Provenance provenance = Provenance.of(spark, config, RunStage.EVALUATE);
    requireFit(config, images, autoencoder, classifier);
    against.ifPresent(other -> other.requireFit(autoencoder, flow, embeddings));
    Console.stage("evaluate: %,d test images", images.splits().get(Split.TEST));

    Broadcast<SharedModel> coder = autoencoder.broadcast(spark);
    Broadcast<SharedModel> judge = classifier.broadcast(spark);
    Dataset<Row> test = images.split(Split.TEST);
    TestScores scores = TestScores.read(spark, config, flow, embeddings);
    Metrics metrics =
        new Metrics(
            evaluation.reconstructionLoss(test, images.layout(), coder),
            scores.nll(),
            scores.nllNoLabel(),
            evaluation.accuracy(test, images.layout(), judge),
            evaluation.reconstructionAccuracy(test, images.layout(), coder, judge),
            sampleAccuracy(evaluation, density, spark, config, images, judge),
            evaluation.roundTripError(
                embeddings.split(Split.TEST), flow.broadcast(spark), density.context()),
            scores.posterior().map(PosteriorQuality::ece).orElse(null),
            scores.posterior().map(PosteriorQuality::brier).orElse(null),
            scores.falseAlarmRate(),
            scores.falseAlarms().map(FalseAlarms::share).orElse(null),
            scores
                .falseAlarms()
                .filter(alarms -> density.context() > 0)
                .map(FalseAlarms::greatestClassShare)
                .orElse(null),
            against.isEmpty() ? null : against.get().compare(autoencoder, flow, embeddings));
    metrics.values().forEach((name, value) -> Console.say("%-24s %.5f", name, value));
    Optional.ofNullable(metrics.against()).ifPresent(OutOfDistribution::say);
    output.text(
        FILE,
        metrics.toJson(),
        provenance.table(
            against
                .<Map<String, Object>>map(
                    other -> Map.of(OutOfDistribution.FACT, other.fingerprint()))
                .orElse(Map.of()),
            images.fingerprint()));
    return metrics;
  }

  /**
   * The metrics that an evaluation left.
   *
   * @throws InvalidInputException if they are not there, or not whole
   */
  static Metrics read(SparkSession spark, Config config) throws IOException {
    Path path = new Path(config.getString("paths.evaluation"), FILE);
    try (InputStream in =
        path.getFileSystem(spark.sparkContext().hadoopConfiguration()).open(path)) {
      return Metrics.fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("there is no " + path, e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(path + " is " + e.getMessage(), e);
    }
  }

  private static Double sampleAccuracy(
      Evaluation evaluation,
      RealNVP density,
      SparkSession spark,
      Config config,
      ImageTable images,
      Broadcast<SharedModel> judge)
      throws IOException {
    if (density.context() == 0) {
      return null;
    }
    Dataset<Row> samples = Inputs.table(spark, config, "paths.samples");
    if (!samples.where(col("pixels").isNull()).isEmpty()) {
      throw new InvalidInputException(
          config.getString("paths.samples") + " has no pixels; it was drawn without autoencoder");
    }
    return evaluation.accuracy(samples, images.layout(), judge);
  }

  /** Refuses models of other sizes than the images', and images without a test split. */
  private static void requireFit(
      Config config, ImageTable images, StoredModel autoencoder, StoredModel classifier) {
    if (images.splits().get(Split.TEST) == 0) {
      throw new InvalidInputException(images.name() + " has no test images to evaluate on");
    }
    Inputs.requireSame(
        images, Autoencoder.of(autoencoder.network()).image(), config, "paths.autoencoder");
    Inputs.requireSame(
        images, Classifier.of(classifier.network()).image(), config, "paths.classifier");
  }
}
