package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.images.DataSource;
import dev.realnvp.jobs.images.ExtractEmbeddings;
import dev.realnvp.jobs.images.Ingest;
import dev.realnvp.jobs.images.OutOfDistribution;
import dev.realnvp.jobs.images.Pictures;
import dev.realnvp.jobs.images.TrainAutoencoder;
import dev.realnvp.jobs.images.TrainClassifier;
import dev.realnvp.jobs.report.Content;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.jobs.run.PreviousFlow;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.jobs.run.TableRequest;
import dev.realnvp.jobs.run.TableRows;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.images.ImagesWriter;
import dev.realnvp.spark.storage.AtomicOutput;
import dev.realnvp.spark.storage.OutputLeases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.commons.io.function.IORunnable;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Every job after the other, in one Spark session. */
@Command(
    name = "pipeline",
    description = {
      "Runs every stage, from images to metrics and pictures, in one Spark session; with --input those"
          + " of a table: train-flow, score, evaluate, report.",
      "Skips a stage if its output exists, with the same settings and inputs. --overwrite runs the"
          + " stages again whose settings or inputs changed; to run all, give another --run, or"
          + " delete its folder."
    },
    footer = {
      "",
      "Examples: submit/pipeline.sh",
      "          submit/pipeline.sh --master local[4] --data folder/of/images --run runs/mine",
      "          submit/pipeline.sh --input table.parquet --features-col vector --run runs/table"
    })
public final class Pipeline extends Job<Metrics> {

  /** The setting that names a table to train on in place of images. */
  private static final String INPUT = "pipeline.input";

  public Pipeline() {
    super(
        List.of("ingest.data", INPUT, PreviousFlow.KEY),
        RunStage.paths("paths.checkpoints", "paths.report"),
        null);
    option("--data=DIR", "ingest.data");
    trainingOptions(INPUT);
    option("--from=DIR", PreviousFlow.KEY);
    option("--anomaly-col=COLUMN", TableRequest.MARKS);
  }

  /**
   * Those of all stages from the start; that of the report, which any other job may make, later.
   */
  @Override
  protected void claim(OutputLeases leases, Config config) throws IOException {
    for (RunStage stage : stages(config)) {
      stage.claim(leases, config);
    }
  }

  private static boolean isOfTable(Config config) {
    return !config.getString(INPUT).isEmpty();
  }

  private static List<RunStage> stages(Config config) {
    return isOfTable(config) ? RunStage.OF_TABLE : RunStage.OF_IMAGES;
  }

  @Override
  protected Metrics work(SparkSession spark, Config given) throws IOException {
    long start = System.nanoTime();
    Config config =
        isOfTable(given) ? given.withValue("paths.embeddings", given.getValue(INPUT)) : given;
    Run run = Run.of(spark, config);
    Report.check(run);
    Stages stages = isOfTable(config) ? ofTable(run) : ofImages(run);
    Evaluate evaluate = new Evaluate();
    stages.run(
        RunStage.TRAIN_FLOW,
        () -> new TrainFlow(table -> evaluate.expect(table, config)).run(spark, config));
    stages.run(RunStage.SCORE, () -> new Score().run(spark, config));
    stages.run(RunStage.SAMPLE, () -> new Sample().run(spark, config));
    stages.run(RunStage.EVALUATE, () -> evaluate.run(spark, config));
    stages.time("report", () -> new Report().run(spark, config));
    Console.stage(
        "pipeline: done in %s; %s, the metrics: %s/%s, the report: %s/%s",
        Console.clock((System.nanoTime() - start) / 1e9),
        isOfTable(config)
            ? "the scores: " + config.getString("paths.scores")
            : "the samples: %s/%s".formatted(config.getString("paths.samples"), Pictures.GRID),
        config.getString("paths.evaluation"),
        Evaluate.FILE,
        config.getString("paths.report"),
        Report.FILE);
    Console.say("%s", stages.seconds());
    return Evaluate.read(run);
  }

  /** The stages from images to embeddings are run, or skipped. */
  private static Stages ofImages(Run run) throws IOException {
    SparkSession spark = run.spark();
    Config config = run.config();
    String against = OutOfDistribution.open(run).map(OutOfDistribution::fingerprint).orElse(null);
    DataSource.Found data = Ingest.find(config);
    String source = ImagesWriter.fingerprint(run.hadoop(), data.folder());
    Stages stages = new Stages(run, stage -> source, against);
    stages.run(RunStage.INGEST, () -> new Ingest().run(spark, config, () -> data));
    stages.run(RunStage.TRAIN_AUTOENCODER, () -> new TrainAutoencoder().run(spark, config));
    stages.run(RunStage.TRAIN_CLASSIFIER, () -> new TrainClassifier().run(spark, config));
    stages.run(RunStage.EXTRACT_EMBEDDINGS, () -> new ExtractEmbeddings().run(spark, config));
    return stages;
  }

  /** Only of a table whose results are there already all rows are read to see if it is the same. */
  private static Stages ofTable(Run run) throws IOException {
    if (!run.config().getString("ingest.data").isEmpty()) {
      throw new ConfigurationException(
          "settings %s and ingest.data: got a table and images, expected one of them"
              .formatted(INPUT));
    }
    return new Stages(run, stage -> fingerprint(run, stage), null);
  }

  private static String fingerprint(Run run, RunStage stage) {
    try {
      return (stage == RunStage.TRAIN_FLOW
              ? TableRows.training(run)
              : Score.table(run, run.model(RunStage.TRAIN_FLOW)))
          .fingerprint();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Stages {

    private final Run run;
    private final StagePlan plan;
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    /**
     * Looks at every output.
     *
     * @param sources what comes from outside the run
     * @param against the fingerprint of the images to compare with; null without any
     * @throws InvalidInputException if one is to be replaced, and may not be
     */
    Stages(Run run, Function<RunStage, String> sources, String against) throws IOException {
      this.run = run;
      Map<RunStage, Content<Manifest>> outputs = new EnumMap<>(RunStage.class);
      for (RunStage stage : stages(run.config())) {
        if (Job.table(run.spark(), run.config(), stage.path()).isEmpty()) {
          AtomicOutput.check(
              run.hadoop(), run.place(stage.path()), SaveMode.Overwrite, stage.kind());
        }
        outputs.put(stage, StagePlan.output(run, stage));
      }
      this.plan =
          new StagePlan(run.config(), sources, against, PreviousFlow.id(run).orElse(null), outputs);
      plan.requireReplaceable();
    }

    /** Does a stage's work, and counts its wall time. */
    void time(String stage, IORunnable work) throws IOException {
      long start = System.nanoTime();
      work.run();
      seconds.put(stage, (System.nanoTime() - start) / 1e9);
    }

    /** {@code seconds: ingest 4.17, train-ae 61.02}, the stages in the order of their ends. */
    String seconds() {
      return seconds.entrySet().stream()
          .map(stage -> String.format(Locale.ROOT, "%s %.2f", stage.getKey(), stage.getValue()))
          .collect(Collectors.joining(", ", "seconds: ", ""));
    }

    /** Runs a stage that the run has, unless its output is what it would make. */
    void run(RunStage stage, IORunnable job) throws IOException {
      if (!stages(run.config()).contains(stage)) {
        return;
      }
      StagePlan.Decision decision = plan.decide(stage);
      switch (decision.action()) {
        case SKIP -> {
          Console.stage(
              "%s: skipped, %s is of the same settings and inputs",
              stage.job(), run.place(stage.path()));
          return;
        }
        case REPLACE -> Console.stage("%s: again, since %s", stage.job(), decision.reason());
        case RUN -> {}
      }
      time(stage.job(), job);
      plan.made(stage, run.manifest(stage).orElseThrow());
    }
  }
}
