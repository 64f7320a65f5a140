package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.report.Numbers;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.jobs.run.TableRows;
import dev.realnvp.scores.ClassShift;
import dev.realnvp.scores.Drift;
import dev.realnvp.scores.Reference;
import dev.realnvp.scores.Shift;
import dev.realnvp.spark.failure.DriftException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.FlowCalibrator;
import dev.realnvp.spark.inference.FlowComparison;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Split;
import dev.realnvp.stored.FeatureColumns;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Whether a table still comes from the distribution that a flow has learnt. */
@Command(
    name = "compare",
    description = {
      "Does a table still come from the distribution that the run's flow has learnt? Compares its rows"
          + " with the held-out rows of the flow's own table, and names the features that moved:"
          + " comparison/metrics.json.",
      "The exit code is 0 whether it has drifted or not, and with --fail-on-drift 4 if it has."
    },
    footer = {
      "",
      "Examples: submit/compare.sh --run runs/mine --input new.parquet",
      "          submit/compare.sh --run runs/mine --input new.parquet --overwrite --fail-on-drift"
    })
public final class Compare extends Job<Drift> {

  static final String FILE = "metrics.json";

  private static final String INPUT = "compare.input";
  private static final String FALSE_ALARM_RATE = "compare.false-alarm-rate";
  private static final String ROWS = "compare.rows";
  private static final String FAIL = "compare.fail-on-drift";

  /** What the manifest calls the fingerprint of the flow's own table. */
  private static final String REFERENCE = "reference_data";

  /** How many features and classes are printed at most. */
  private static final int PRINTED = 10;

  public Compare() {
    super(
        Stream.concat(RunStage.COMPARE.reads().stream(), Stream.of(INPUT)).toList(),
        RunStage.COMPARE.writes(),
        null);
    rowsOptions(INPUT);
    option("--false-alarm-rate=RATE", FALSE_ALARM_RATE);
    option("--rows=COUNT", ROWS);
    option("--fail-on-drift", FAIL);
    option("--output=DIR", RunStage.COMPARE.path(), "The folder");
  }

  @Override
  protected Map<String, String> exitCodes() {
    return Map.of("" + Main.DRIFTED, "the table has drifted, with --fail-on-drift");
  }

  @Override
  protected Drift work(SparkSession spark, Config config) throws IOException {
    Run run = Run.of(spark, config);
    String input = run.place(INPUT);
    if (input.isEmpty()) {
      throw Settings.wrong(config, INPUT, "a table to compare with the flow's own (--input)");
    }
    if (!run.isThere(INPUT)) {
      throw new InvalidInputException("there is no %s (setting %s)".formatted(input, INPUT));
    }
    Outputs output = Outputs.open(run, RunStage.COMPARE.path());
    Run trained = run.with(run.table().at(input)).asTrained();
    Run compared = trained.with(trained.table().featuresAlone());
    StoredModel flow = run.model(RunStage.TRAIN_FLOW);
    Reference reference =
        flow.reference()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "%s has no reference.json, of the rows that it learnt: train it again"
                            .formatted(run.place(RunStage.TRAIN_FLOW.path()))));
    RealNVP density = RealNVP.of(flow.network());
    EmbeddingTable table = TableRows.shownTo(compared, flow);
    Console.stage(
        "compare: %,d rows of %s with %,d %s rows of what flow %s learnt%s",
        table.count(),
        table.name(),
        reference.logProb().count(),
        reference.split(),
        flow.manifest().id(),
        reference.split().equals(Split.TRAIN)
            ? "; none are held out: expect more false alarms, since the flow knows these rows"
            : "");
    Drift drift =
        new FlowComparison(
                SharedModel.broadcast(spark, flow.network()),
                FlowModel.prior(flow, density),
                names(compared, flow, density),
                classes(flow, density),
                config.getInt("inference.batch"))
            .compare(
                reference,
                FlowCalibrator.sample(table.rows(), table.count(), config.getLong(ROWS)),
                config.getDouble(FALSE_ALARM_RATE));
    say(drift, FlowModel.features(flow, "").learnt());
    output.text(
        FILE,
        drift.toJson(),
        Provenance.of(compared, RunStage.COMPARE)
            .table(Map.of(REFERENCE, flow.manifest().data()), table.fingerprint()));
    if (drift.drifted() && config.getBoolean(FAIL)) {
      throw new DriftException(
          "%s has drifted from what flow %s learnt: %s moved (setting %s)"
              .formatted(
                  table.name(), flow.manifest().id(), String.join(", ", drift.moved()), FAIL));
    }
    return drift;
  }

  /** What the features are called, and behind them the numbers that the flow is conditioned on. */
  private static List<String> names(Run run, StoredModel flow, RealNVP density) {
    List<String> names = FlowModel.features(flow, "").featureNames();
    return Stream.concat(
            names.isEmpty()
                ? IntStream.range(0, density.features()).mapToObj(j -> "feature " + j)
                : names.stream(),
            TableRows.contextCols(run, flow).stream())
        .toList();
  }

  private static List<String> classes(StoredModel flow, RealNVP density) {
    if (FlowModel.isConditionedOnNumbers(flow)) {
      return List.of();
    }
    List<String> names = FlowModel.names(flow).names();
    return names.isEmpty()
        ? IntStream.range(0, density.context()).mapToObj(String::valueOf).toList()
        : names;
  }

  private static void say(Drift drift, FeatureColumns columns) {
    String rate = Numbers.percent(drift.falseAlarmRate());
    if (drift.drifted()) {
      Console.say(
          "the table has drifted: %s moved (false-alarm rate %s)",
          String.join(", ", drift.moved()), rate);
    } else {
      Console.say(
          "no sign of drift: neither log p(x) nor any of the %,d features%s moved (false-alarm rate"
              + " %s, %,d rows against %,d)",
          drift.features().size(),
          drift.classes() == null ? "" : " nor the classes' shares",
          rate,
          drift.rows(),
          drift.referenceRows());
    }
    say(drift.logProb(), drift.rows());
    List<Shift> moved = drift.movedFeatures();
    moved.stream()
        .limit(PRINTED)
        .forEach(
            shift -> {
              if (columns.isCategory(shift.feature())) {
                Console.say(
                    "%-24s distance %.4f, p %s, the shares of its categories",
                    shift.name(), shift.distance(), p(shift));
              } else {
                say(shift, drift.rows());
              }
            });
    if (moved.size() > PRINTED) {
      Console.say("and %,d more, see %s", moved.size() - PRINTED, FILE);
    }
    if (drift.classes() != null && drift.classes().moved()) {
      drift.classes().shares().stream()
          .sorted(Comparator.comparingDouble(s -> -Math.abs(s.share() - s.reference())))
          .limit(PRINTED)
          .forEach(Compare::say);
    }
  }

  /** The mean only where no row far out can decide it. */
  private static void say(Shift shift, long rows) {
    boolean mean = shift.outside() == 0 && Objects.equals(shift.median(), shift.referenceMedian());
    Console.say(
        "%-24s distance %.4f, p %s, %s %s -> %s%s",
        shift.name(),
        shift.distance(),
        p(shift),
        mean ? "mean" : "median",
        text(mean ? shift.referenceMean() : shift.referenceMedian()),
        text(mean ? shift.mean() : shift.median()),
        shift.outside() == 0
            ? ""
            : ", %s of %s rows outside of %s to %s"
                .formatted(
                    shift.outside(), rows, text(shift.range().get(0)), text(shift.range().get(1))));
  }

  private static String p(Shift shift) {
    return shift.pValue() <= Shift.SMALLEST ? "< " + Shift.SMALLEST : text(shift.pValue());
  }

  private static String text(Double number) {
    return number == null ? "none" : Numbers.text(number);
  }

  private static void say(ClassShift.Share share) {
    Console.say(
        "%-24s %s -> %s of the rows",
        "class " + share.name(),
        Numbers.percent(share.reference()),
        Numbers.percent(share.share()));
  }
}
