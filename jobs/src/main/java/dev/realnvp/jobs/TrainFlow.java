package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.flow.ClassContext;
import dev.realnvp.flow.CouplingMask;
import dev.realnvp.flow.FeatureScaling;
import dev.realnvp.flow.Moments;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.jobs.cli.Checked;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.jobs.cli.Version;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.Optimizer;
import dev.realnvp.spark.data.EmbeddingTable;
import dev.realnvp.spark.data.FeatureMoments;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.Shards;
import dev.realnvp.spark.data.Split;
import dev.realnvp.spark.model.StoredModel;
import dev.realnvp.spark.scores.Calibration;
import dev.realnvp.spark.training.EpochStats;
import dev.realnvp.spark.training.Master;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains the flow on the train split of embeddings/, or of any Parquet with an array column. */
@Command(
    name = "train-flow",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Trains the RealNVP on embeddings/, or on any Parquet, data-parallel.",
    footer = {
      "",
      "Examples: submit/train-flow.sh --run runs/mine",
      "          submit/train-flow.sh --input table.parquet --features-col vector --output flow"
    })
public final class TrainFlow extends EmbeddingsJob<TrainFlow.Result> {

  /** How many features a line names at most. */
  private static final int NAMED = 10;

  /** The trained model's manifest, and where both were put. */
  public record Result(String output, Manifest manifest) {}

  @Option(
      names = "--weight-col",
      paramLabel = "COLUMN",
      description = "The column of the rows' weights (flow.weight-col).")
  void weightCol(String column) {
    set("flow.weight-col", column);
  }

  @Option(names = "--output", paramLabel = "DIR", description = "The model (paths.flow).")
  void output(String output) {
    set("paths.flow", output);
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new TrainFlow(), args);
  }

  @Override
  protected List<String> reads() {
    return RunStage.TRAIN_FLOW.reads();
  }

  @Override
  protected List<String> writes() {
    return List.of(RunStage.TRAIN_FLOW.path(), "paths.checkpoints");
  }

  @Override
  public String next() {
    return "score";
  }

  @Override
  public Result run(SparkSession spark, Config config) throws IOException {
    TrainingStage stage = new TrainingStage(spark, config, RunStage.TRAIN_FLOW);
    Outputs output = Outputs.open(spark, config, "paths.flow");
    if (!config.getString("flow.weight-col").isEmpty()
        && Checked.choice(Master.class, config, "train.master") == Master.STOCK) {
      throw Checked.wrong(
          config, "flow.weight-col", "none with train.master=stock, which weighs no rows");
    }
    double validation = Checked.share(config, "flow.validation");
    EmbeddingTable whole = Inputs.trainingEmbeddings(spark, config);
    EmbeddingTable table = validation == 0 ? whole : whole.holdOut(validation);
    Map<String, String> parents = Inputs.parents(spark, config, RunStage.TRAIN_FLOW);
    boolean conditional = config.getBoolean("flow.conditional") && table.labelled();
    long rows = table.splits().get(Split.TRAIN);
    requireTrainable(table);
    Console.stage(
        "train-flow: %,d rows of %d features from %s, %s",
        rows,
        table.features(),
        table.name(),
        conditional ? table.classes() + " classes" : "no classes");

    int classes = conditional ? table.classes() : 0;
    RealNVP flow = flow(config, table, classes, stage.optimizer(rows));
    List<EpochStats> history =
        stage.fit(
            flow.network(),
            split ->
                Shards.embeddings(
                    table.split(split),
                    table.features(),
                    classes,
                    stage.workers(),
                    (x, labels) ->
                        RealNVP.trainingBatch(
                            x, classes == 0 ? null : ClassContext.oneHot(labels, classes))),
            table.splits(),
            table.fingerprint(),
            FlowModel.UNIT);

    Manifest manifest =
        Provenance.model(
            RunStage.TRAIN_FLOW,
            flow.network(),
            config,
            FlowModel.facts(table, classes, stage.workers()),
            table.fingerprint(),
            parents,
            history);
    StoredModel trained = new StoredModel(flow.network(), manifest, Optional.empty());
    Optional<Calibration> calibration = FlowCalibration.of(spark, config, table, trained);
    output.model(new StoredModel(flow.network(), output.timed(manifest), calibration));
    stage.done();
    return new Result(output.target(), manifest);
  }

  private static void requireTrainable(EmbeddingTable table) {
    if (table.splits().get(Split.TRAIN) == 0) {
      throw new InvalidInputException(table.name() + " has no rows of split 'train'");
    }
    if (table.features() < 2) {
      throw new InvalidInputException(
          "rows of %s have 1 feature; a flow takes at least 2".formatted(table.name()));
    }
  }

  private static RealNVP flow(
      Config config, EmbeddingTable table, int classes, Optimizer optimizer) {
    RealNVPConfig shape = shape(config, table.features(), classes);
    if (!config.getBoolean("flow.standardize")) {
      return RealNVP.create(shape, optimizer);
    }
    Moments moments = FeatureMoments.of(table.split(Split.TRAIN), table.features());
    List<Integer> constant = FeatureScaling.constant(moments);
    if (!constant.isEmpty()) {
      Console.say(
          "%,d of %,d features are constant, or nearly so, and are not scaled: %s",
          constant.size(), table.features(), some(constant));
    }
    return RealNVP.create(shape, FeatureScaling.of(moments), optimizer);
  }

  /** The first of them, counted from 0. */
  private static String some(List<Integer> features) {
    String first =
        features.stream().limit(NAMED).map(String::valueOf).collect(Collectors.joining(", "));
    return features.size() > NAMED ? first + " ..." : first;
  }

  private static RealNVPConfig shape(Config config, int features, int classes) {
    return new RealNVPConfig(
        features,
        classes,
        Checked.positive(config, "flow.couplings"),
        Checked.positives(config, "flow.hidden"),
        Checked.choice(CouplingMask.class, config, "flow.mask"),
        config.getBoolean("flow.permute"),
        config.getBoolean("flow.batch-norm"),
        config.getBoolean("flow.shared-network"),
        config.getLong("seed"));
  }
}
