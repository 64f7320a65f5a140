package dev.realnvp.jobs.bench;

import dev.realnvp.jobs.bench.Measure.Goal;
import dev.realnvp.model.EpochStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SaveMode;

/**
 * How the costs grow: with the rows, with the workers, with the executors of a round. Trainings and
 * scorings are scripts of their own with their own defaults, so that their memory is the user's.
 */
final class Growth {

  /** A table: millions of rows, features, and how much longer a row may take than in the first. */
  private record Size(int millions, int features, double trained, double scored) {

    String name() {
      return millions + "x" + features;
    }
  }

  private static final double NO_BOUND = 0;

  private static final List<Size> SIZES =
      List.of(
          new Size(1, 64, NO_BOUND, NO_BOUND),
          new Size(4, 64, 1.15, NO_BOUND),
          new Size(10, 64, 1.3, NO_BOUND),
          new Size(40, 64, 1.3, 1.1),
          new Size(1, 768, NO_BOUND, NO_BOUND),
          new Size(5, 768, 1.3, 1.1));

  /** What so many workers may lose over one, in nats per row of validation loss. */
  private static final Map<Integer, Double> WORKERS =
      new TreeMap<>(Map.of(2, 0.03, 4, 0.06, 8, 0.12, 16, 0.2, 32, 0.35, 64, 0.7));

  private static final List<Integer> EXECUTORS = List.of(1, 2, 4, 8, 16);

  /** The milliseconds of the driver's processors that a round may take. */
  private static final double DRIVER = 150;

  private static final String TRAIN = "scale-train-";
  private static final String SCORE = "scale-score-";
  private static final String LOSS = "scale-workers-";
  private static final String ROUND = "scale-round-";

  private static final double MILLION = 1e6;
  private static final double MEBIBYTE = 1 << 20;
  private static final int FILES = 16;
  private static final int CLASSES = 10;
  private static final int ROUNDS = 20;
  private static final int ROUND_EPOCHS = 10;

  /** So many epochs are not measured: the compilers are at work. */
  private static final int COLD_EPOCHS = 5;

  private Growth() {}

  /** In the order of the table. */
  static List<Measure> all() {
    List<Measure> all = new ArrayList<>();
    for (Size size : SIZES) {
      String unit = "s/M rows";
      Goal trained = goal(size.trained());
      Goal scored = goal(size.scored());
      all.add(new Measure(TRAIN + size.name(), unit, trained, bench -> train(bench, size)));
      all.add(new Measure(SCORE + size.name(), unit, scored, bench -> score(bench, size)));
    }
    WORKERS.forEach(
        (workers, bound) -> {
          Goal goal = Goal.valueAtMost(bound);
          all.add(new Measure(LOSS + workers, "nats", goal, bench -> loss(bench, workers)));
        });
    for (int executors : EXECUTORS) {
      Goal goal = Goal.valueAtMost(DRIVER);
      all.add(new Measure(ROUND + executors, "ms", goal, bench -> round(bench, executors)));
    }
    return all;
  }

  private static Goal goal(double bound) {
    return bound == NO_BOUND ? Goal.NONE : Goal.ratioAtMost(bound);
  }

  /** One epoch of the default flow, from the command to the model. */
  private static Reading train(Workbench bench, Size size) throws IOException {
    String model = bench.place("scale-model");
    ScriptProcess.Outcome outcome =
        onTable(bench, "train-flow.sh", size, "flow.epochs=1", "paths.flow=" + model);
    EpochStats epoch = Workbench.manifest(model).history().get(0);
    double rows = rows(bench, size) / MILLION;
    Map<String, Double> parts = parts(outcome);
    parts.put("epoch_seconds_per_million", epoch.seconds() / rows);
    parts.put("averaging_seconds", epoch.averagingSeconds());
    parts.put("validation_nats", epoch.validationLoss());
    return compared(bench, TRAIN, size, outcome.seconds() / rows).with(parts);
  }

  /** Scores under a flow without classes: what a row of a plain table costs. */
  private static Reading score(Workbench bench, Size size) throws IOException {
    String model = bench.place("scale-plain-" + size.features());
    if (!Files.exists(Path.of(model))) {
      onTable(
          bench,
          "train-flow.sh",
          size,
          "flow.epochs=1",
          "flow.conditional=false",
          "table.where=id < 200000",
          "paths.flow=" + model);
    }
    ScriptProcess.Outcome outcome =
        onTable(
            bench,
            "score.sh",
            size,
            "paths.flow=" + model,
            "paths.scores=" + bench.place("scale-scores"));
    return compared(bench, SCORE, size, outcome.seconds() / (rows(bench, size) / MILLION))
        .with(parts(outcome));
  }

  private static int rows(Workbench bench, Size size) {
    return bench.workload().rows(size.millions() * 1_000_000);
  }

  /** Runs a script on the table of that size. */
  private static ScriptProcess.Outcome onTable(
      Workbench bench, String script, Size size, String... settings) throws IOException {
    return bench.script(
        script,
        "local[2]",
        bench.settings(settings),
        "--input",
        table(bench, size),
        "--features-col",
        "vector");
  }

  private static Map<String, Double> parts(ScriptProcess.Outcome outcome) {
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("seconds", outcome.seconds());
    parts.put("resident_mib", outcome.driverPeak() / MEBIBYTE);
    parts.put("disk_mib", outcome.diskPeak() / MEBIBYTE);
    return parts;
  }

  /** Against the smallest table of that width. */
  private static Reading compared(Workbench bench, String kind, Size size, double ours)
      throws IOException {
    double first = bench.first(kind + size.features(), ours);
    return first == ours ? Reading.of(ours) : Reading.of(ours).against(List.of(first));
  }

  /** The one table that there is at a time, since the large ones fill disks. */
  private static String table(Workbench bench, Size size) throws IOException {
    String place = bench.place("scale-table-" + size.name());
    if (!Files.exists(Path.of(place))) {
      for (Size other : SIZES) {
        FileUtils.deleteDirectory(Path.of(bench.place("scale-table-" + other.name())).toFile());
      }
      SyntheticTable.write(
          bench.spark(),
          place,
          SaveMode.ErrorIfExists,
          rows(bench, size),
          size.features(),
          CLASSES,
          FILES,
          bench.setting("seed"));
    }
    return place;
  }

  /**
   * What so many workers lose over one, in nats of validation loss at the defaults, on the
   * embeddings of the images. All are threads of this session.
   */
  private static Reading loss(Workbench bench, int workers) throws IOException {
    int epochs = bench.epochs();
    double ours = Measures.lastLoss(bench.realFlow(workers, epochs));
    double one = Measures.lastLoss(bench.realFlow(1, epochs));
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("validation_nats", ours);
    parts.put("one_worker_nats", one);
    parts.put("epochs", (double) epochs);
    return Reading.of(ours - one).with(parts);
  }

  /**
   * Milliseconds of processor time that a round of the default flow costs the driver, with
   * executors in processes of their own, once its code is warm. What a round takes beyond its
   * fitting is a part; the executors, which on a cluster have cores of their own, share the
   * driver's here.
   */
  private static Reading round(Workbench bench, int executors) throws IOException {
    String model = bench.place("scale-round");
    List<Double> cpu =
        bench
            .script(
                "train-flow.sh",
                "local-cluster[%d,1,1024]".formatted(executors),
                bench.settings(
                    "flow.epochs=" + ROUND_EPOCHS,
                    "flow.batch=1",
                    "flow.averaging-interval=1",
                    "flow.hidden=[200,200]",
                    "checkpoint.keep=0",
                    "paths.embeddings=" + bench.embeddings(),
                    "paths.flow=" + model,
                    "table.where=id < " + executors * ROUNDS),
                "--conf",
                "spark.executor.memory=700m",
                // So many at once take their time to start on few cores.
                "--conf",
                "spark.scheduler.maxRegisteredResourcesWaitingTime=300s",
                // The threads that write executors' logs are a worker's, here in this process.
                "--conf",
                "spark.executor.extraJavaOptions=-Drealnvp.log.console=warn")
            .driverCpuSeconds();
    List<Double> rounds =
        IntStream.range(COLD_EPOCHS, cpu.size())
            .mapToObj(epoch -> 1000 * (cpu.get(epoch) - cpu.get(epoch - 1)) / ROUNDS)
            .toList();
    History history = History.after(COLD_EPOCHS, Workbench.manifest(model));
    return Reading.of(rounds, Reading.median(rounds))
        .with(Map.of("round_ms", Reading.median(history.millisecondsARound(executors, 1, 1))));
  }
}
