package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.flow.column.KindChoice;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.cli.TrainingProgress;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.PreviousFlow;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.jobs.run.TableRows;
import dev.realnvp.jobs.run.TrainingStage;
import dev.realnvp.model.Manifest;
import dev.realnvp.scores.Calibration;
import dev.realnvp.spark.flow.FlowListener;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.flow.FlowSettings;
import dev.realnvp.spark.flow.FlowTraining;
import dev.realnvp.spark.flow.FlowTraining.TrainedFlow;
import dev.realnvp.spark.flow.Preset;
import dev.realnvp.spark.storage.OutputLeases;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Split;
import dev.realnvp.spark.training.TrainingPlan;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Trains the flow on the train split of embeddings/, or of any table. */
@Command(
    name = "train-flow",
    description = "Trains the RealNVP on embeddings/, or on any table, data-parallel.",
    footer = {
      "",
      "Examples: submit/train-flow.sh --run runs/mine",
      "          submit/train-flow.sh --input table.parquet --features-col vector --output flow",
      "          submit/train-flow.sh --input new.parquet --features-col vector --output flow-2 --from flow"
    })
public final class TrainFlow extends Job<TrainFlow.Result> {

  /** The trained model's manifest, and where both were put. */
  public record Result(String output, Manifest manifest) {}

  private final Consumer<EmbeddingTable> meanwhile;

  public TrainFlow() {
    this(table -> {});
  }

  /**
   * The job in a session that goes on with the flow.
   *
   * @param meanwhile is shown the table if its training leaves cores idle; starts what needs no
   *     flow
   */
  TrainFlow(Consumer<EmbeddingTable> meanwhile) {
    super(
        Stream.concat(RunStage.TRAIN_FLOW.reads().stream(), Stream.of(PreviousFlow.KEY)).toList(),
        RunStage.TRAIN_FLOW.writes(),
        "score");
    this.meanwhile = meanwhile;
    trainingOptions("paths.embeddings");
    option("--from=DIR", PreviousFlow.KEY);
    option("--output=DIR", "paths.flow", "The model");
  }

  @Override
  protected void claim(OutputLeases leases, Config config) throws IOException {
    RunStage.TRAIN_FLOW.claim(leases, config);
  }

  @Override
  protected Result work(SparkSession spark, Config config) throws IOException {
    Run run = Run.of(spark, config);
    TrainingStage stage = new TrainingStage(run, RunStage.TRAIN_FLOW);
    Outputs output = Outputs.open(run, "paths.flow");
    List<String> context = run.table().context();
    FlowSettings settings = settings(config, context.size(), stage.plan());
    Optional<PreviousFlow> previous = PreviousFlow.open(run);
    EmbeddingTable table = TableRows.training(run);
    Provenance provenance = Provenance.of(run, RunStage.TRAIN_FLOW);
    FlowTraining fresh = FlowTraining.of(spark, table, settings);
    FlowTraining training =
        previous.map(flow -> flow.continued(fresh, table, context)).orElse(fresh);
    stage.requireValidation(training.validationRows());
    Console.stage(
        "train-flow: %,d %s of %d features from %s, %s%s",
        training.rows(),
        training.rows() < training.allRows()
            ? "of %,d rows, which flow.budget allows,".formatted(training.allRows())
            : "rows",
        table.features() - context.size(),
        table.name(),
        context.isEmpty()
            ? training.classes() == 0 ? "no classes" : "%,d classes".formatted(training.classes())
            : "given " + String.join(", ", context),
        previous.map(flow -> ", on from flow " + flow.model().manifest().id()).orElse(""));

    if (training.leavesWorkersIdle()) {
      meanwhile.accept(table);
    }
    TrainedFlow trained;
    try (FlowProgress progress = new FlowProgress(spark)) {
      trained =
          training.run(progress, stage.checkpoints(table.fingerprint(), provenance.parents()));
    }
    Map<String, Object> facts = new LinkedHashMap<>(trained.facts());
    if (!context.isEmpty()) {
      facts.put(FlowModel.CONTEXT_COLS, context);
    }
    table.heldOut().ifPresent(held -> facts.putAll(FlowModel.heldOut(held)));
    Manifest manifest =
        provenance.model(trained.flow().network(), facts, table.fingerprint(), trained.history());
    output.model(
        new StoredModel(
            trained.flow().network(),
            output.timed(manifest),
            trained.calibration(),
            trained.reference()));
    stage.done();
    return new Result(output.target(), manifest);
  }

  /** The flow's settings, which fit together. */
  private static FlowSettings settings(Config config, int context, TrainingPlan plan) {
    FlowSettings settings = FlowSettings.of(config, context, plan);
    settings
        .noiseConflict()
        .ifPresent(
            with -> {
              throw Settings.wrong(config, "flow.noise", "auto or 0 with " + with);
            });
    settings
        .hiddenTrouble()
        .ifPresent(
            expected -> {
              throw Settings.wrong(config, "flow.hidden", expected);
            });
    return settings;
  }

  private static final class FlowProgress extends TrainingProgress implements FlowListener {

    /** How many features a line names at most. */
    private static final int NAMED = 10;

    private double trim;

    FlowProgress(SparkSession spark) {
      super(spark, FlowModel.UNIT);
    }

    @Override
    public void constantFeatures(List<Integer> constant, int features) {
      Console.say(
          "%,d of %,d features are constant, or nearly so, and are not scaled: %s",
          constant.size(), features, some(constant));
    }

    @Override
    public void kinds(List<String> names, List<KindChoice.Choice> kinds) {
      int width = names.stream().mapToInt(String::length).max().orElse(0);
      for (int j = 0; j < names.size(); j++) {
        KindChoice.Choice choice = kinds.get(j);
        Console.say(
            "  %-" + width + "s  %-10s  %s",
            names.get(j),
            choice.kind().copied() >= 0
                ? "copy"
                : choice.kind().isContinuous() ? "number" : "category",
            choice.reason());
      }
    }

    @Override
    public void fitted(Preset preset, RealNVPConfig flow, double noise, double l2) {
      trim = flow.trim();
      Console.say(
          "preset %s (%s): %s couplings, %s batch norm, %s, L2 %.2g, %s",
          preset.name().toLowerCase(Locale.ROOT),
          preset.tables(),
          flow.coupling().name().toLowerCase(Locale.ROOT),
          flow.batchNorm() ? "with" : "no",
          noise > 0 ? "noise %.2g".formatted(noise) : "no noise",
          l2,
          flow.trim() > 0 ? "rows far out may be left out" : "all rows count");
    }

    @Override
    public void suspects(long rows, double share, Map<String, Double> shifts) {
      Console.say(
          "%,d rows (%.1f %%) are far from what a first, short training learnt, most in %s: while they stay so, they do not count",
          rows, 100 * share, FlowModel.text(shifts));
    }

    /** The first of them, counted from 0. */
    private static String some(List<Integer> features) {
      String first =
          features.stream().limit(NAMED).map(String::valueOf).collect(Collectors.joining(", "));
      return features.size() > NAMED ? first + " ..." : first;
    }

    @Override
    public void calibrated(Calibration calibration) {
      Console.say(
          "calibrated on %,d %s rows%s%s%s",
          calibration.count(),
          calibration.split(),
          trim > 0
              ? ", %.1f %% of them far out".formatted(100 * calibration.outlierShare(trim))
              : "",
          calibration.temperature() == null
              ? ""
              : ", posteriors at temperature %.3g".formatted(calibration.temperature().value()),
          calibration.split().equals(Split.TRAIN)
              ? "; none are held out: expect more false alarms"
              : "");
    }

    @Override
    public void notCalibrated(String reason) {
      Console.warn(
          "not calibrated, the flow is written without, and score.sh finds no anomalies: "
              + reason);
    }
  }
}
