package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import dev.realnvp.jobs.bench.BenchReport.Machine;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.jobs.images.DataSource;
import dev.realnvp.model.Json;
import dev.realnvp.model.Redaction;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.OutputLeases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the jobs, and the peer before and after them. */
@Command(
    name = "bench",
    description = {
      "Measures how fast the jobs are, next to PyTorch on the same cores and to DL4J's own",
      "training master, or with --detection how well anomalies are found.",
      "Prints a table and writes a JSON file. docs/benchmarks.md says what each line means."
    },
    footer = {
      "",
      "Examples: submit/bench.sh --data data/mnist",
      "          submit/bench.sh --quick --only flow-epoch,score --peer none",
      "          submit/bench.sh --detection --tables tables"
    })
public final class Bench extends Job<BenchReport> {

  /** A machine with more to do than this gives no figures worth keeping. */
  private static final double BUSY = 0.5;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = {
        "MNIST's IDX files, or others of that size;",
        "by default what the pipeline finds."
      })
  private Path data;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description = "Only these lines of the table, separated by commas.")
  private List<String> only = List.of();

  @Option(
      names = "--detection",
      description = {
        "Measure how well anomalies are found, next to other detectors, in place",
        "of how fast the jobs are; takes an hour or two. --only names some of it."
      })
  private boolean detection;

  @Option(
      names = "--tables",
      paramLabel = "DIR",
      description = {
        "For --detection: more tables, files NAME.csv or NAME.csv.gz. A line is a",
        "row: features, then 1 for an anomaly or 0 for a normal row; no header."
      })
  private Path tables;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "5",
      description = "For --detection: each table with the seeds 1 to N (${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--quick",
      description = "A trial on a fiftieth of the rows; its figures mean nothing.")
  private boolean quick;

  @Option(
      names = "--peer",
      paramLabel = "COMMAND",
      defaultValue = "auto",
      description = {
        "auto: PyTorch if a Python has it, and scikit-learn for --detection; none;",
        "or a command that prints the same as submit/bench/peer.py."
      })
  private String peer;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "The JSON file; by default bench-DATE.json in the run's folder.")
  private Path json;

  public Bench() {
    super(List.of(), List.of("run"), null);
  }

  public static void main(String[] args) {
    Main.exit(new Bench(), args);
  }

  /** All that it makes in the run goes again. */
  @Override
  protected boolean logsEvents() {
    return false;
  }

  /** None: its jobs take their own. */
  @Override
  protected void claim(OutputLeases leases, Config config) {}

  @Override
  protected BenchReport work(SparkSession spark, Config config) throws IOException {
    DetectionQuality quality = detectionQuality();
    List<Measure> measures = measures(quality.all());
    Path home = home();
    String date = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    Path run = Files.createDirectories(Path.of(config.getString("run")));
    Path file = json == null ? run.resolve("bench-" + date.replace(":", "") + ".json") : json;
    if (Files.exists(file) && !config.getBoolean("overwrite")) {
      throw new InvalidInputException(file + " exists already (--overwrite replaces it)");
    }
    Map<String, Object> machine = Machine.describe(spark.version(), spark.sparkContext().master());
    if (Machine.load() > BUSY) {
      Console.say("warning: the machine is busy (load %.1f): no figures to keep", Machine.load());
    }
    Path folder = Files.createTempDirectory(run.toAbsolutePath(), "bench");
    // Also when the benchmark is interrupted.
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> FileUtils.deleteQuietly(folder.toFile())));
    Workbench.Workload workload = quick ? Workbench.Workload.QUICK : Workbench.Workload.FULL;
    DataSource.Found images = images(measures);
    Console.stage("bench: %s", images.explanation());
    Path source = Path.of(images.folder()).toAbsolutePath();
    Set<String> works =
        measures.stream()
            .flatMap(measure -> measure.peer().apply(config).keySet().stream())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    Path embeddings = folder.resolve("embeddings.npz");
    Optional<Peer> other = Peer.of(peer, home, source, embeddings, works, workload.fraction());
    if (other.isEmpty() && peer.equals("auto") && !works.isEmpty()) {
      Console.say("no Python here has PyTorch: ours alone");
    }
    Workbench bench = new Workbench(spark, config, workload, home, source, folder, other);
    if (other.isPresent() && works.contains(Measures.TO_LOSS)) {
      bench.export(embeddings);
    }
    List<Map<String, Object>> figures = new ArrayList<>();
    take(measures, bench, other)
        .forEach(
            (measure, reading) -> figures.add(measure.line(reading, other.orElse(null), config)));
    BenchReport report =
        new BenchReport(
            date,
            machine,
            Map.of("fraction", workload.fraction()),
            Redaction.text(images.explanation()),
            other.map(Peer::runs).orElse(List.of()),
            figures,
            quality.results().lines());
    Files.writeString(file, Json.tree(report).toPrettyString() + "\n");
    Console.stage("bench: done%s", quick ? ", quick: no figures to keep" : "");
    Stream.of(report.table(), quality.results().toString())
        .flatMap(String::lines)
        .forEach(line -> Console.say("%s", line));
    Console.wrote(file.toString());
    return report;
  }

  private Map<Measure, Reading> take(List<Measure> measures, Workbench bench, Optional<Peer> other)
      throws IOException {
    run(other, "before");
    Map<Measure, Reading> readings = new LinkedHashMap<>();
    for (Measure measure : measures) {
      Console.stage("bench: %s", measure.name());
      Reading reading = measure.work().apply(bench);
      Console.say("%s: %.2f %s", measure.name(), reading.ours(), measure.unit());
      readings.put(measure, reading);
    }
    run(other, "after");
    return readings;
  }

  private void run(Optional<Peer> other, String when) throws IOException {
    if (other.isPresent()) {
      Console.stage("bench: PyTorch, %s ours", when);
      other.get().run();
    }
  }

  private DetectionQuality detectionQuality() throws IOException {
    if (seeds < 1) {
      throw new ConfigurationException(
          "--seeds: got %d, expected a number of at least 1".formatted(seeds));
    }
    List<AnomalyTable> given = tables == null ? List.of() : AnomalyTable.readAll(tables);
    return new DetectionQuality(given, seeds, peer.equals("auto"));
  }

  /** Those of {@code --only}, or those that the options ask for. */
  private List<Measure> measures(List<Measure> ofDetection) {
    List<Measure> all = Stream.of(Measures.STANDARD, ofDetection).flatMap(List::stream).toList();
    Set<String> names =
        all.stream().map(Measure::name).collect(Collectors.toCollection(LinkedHashSet::new));
    for (String name : only) {
      if (!names.contains(name)) {
        throw new ConfigurationException(
            "--only: got " + name + ", expected some of " + String.join(", ", names));
      }
    }
    if (!only.isEmpty()) {
      return all.stream().filter(measure -> only.contains(measure.name())).toList();
    }
    return detection ? ofDetection : Measures.STANDARD;
  }

  private DataSource.Found images(List<Measure> measures) {
    if (data != null) {
      return DataSource.given(data.toString());
    }
    if (measures.stream().allMatch(measure -> measure.name().startsWith(DetectionQuality.PREFIX))) {
      return new DataSource.Found("", "No images are needed");
    }
    return new DataSource(Path.of("data"), sentence -> Console.say("%s", sentence)).find();
  }

  /** The project's folder, which the script names. */
  private static Path home() {
    String home = System.getenv("REALNVP_HOME");
    if (home == null) {
      throw new InvalidInputException("REALNVP_HOME is not set: run submit/bench.sh");
    }
    return Path.of(home);
  }
}
