package dev.realnvp.jobs.bench;

import dev.realnvp.exchange.Npz;
import dev.realnvp.jobs.bench.AnomalyTable.Setting;
import dev.realnvp.jobs.bench.DetectionTable.Quality;
import dev.realnvp.jobs.bench.SyntheticAnomalies.Kind;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * How well the flow finds anomalies, next to other detectors on the same rows: a line per table and
 * setting, and one for the time on a million rows.
 */
final class DetectionQuality {

  /** The names of all lines begin with this. */
  static final String PREFIX = "detection-";

  private static final int MILLION = 1_000_000;
  private static final int MILLION_FEATURES = 16;

  /** One row of so many of a synthetic table is an anomaly. */
  private static final int ANOMALY_EVERY = 20;

  /** The fewest rows of a synthetic table, in a quick trial. */
  private static final int FEWEST = 200;

  private final List<AnomalyTable> given;
  private final int seeds;
  private final boolean peers;
  private final DetectionTable results = new DetectionTable();

  /**
   * On given tables, and on synthetic ones.
   *
   * @param seeds how often each table is tried
   * @param peers whether other detectors are tried too: those on Spark, and scikit-learn's if a
   *     Python has it
   */
  DetectionQuality(List<AnomalyTable> given, int seeds, boolean peers) {
    this.given = given;
    this.seeds = seeds;
    this.peers = peers;
  }

  /** What the measures that were taken found, of all detectors. */
  DetectionTable results() {
    return results;
  }

  /**
   * In the order of the table.
   *
   * @throws InvalidInputException if two tables have the same name
   */
  List<Measure> all() {
    List<Measure> all = new ArrayList<>();
    for (AnomalyTable table : given) {
      add(all, table.name(), bench -> table);
    }
    for (Kind kind : Kind.values()) {
      add(all, name(kind), bench -> synthetic(bench, kind, 2_000, 10));
    }
    add(
        all,
        "large-" + name(Kind.DEPENDENCY),
        bench -> synthetic(bench, Kind.DEPENDENCY, 20_000, 20));
    all.add(new Measure(PREFIX + "million", "s", Measure.Goal.NONE, DetectionQuality::million));
    Set<String> names = new HashSet<>();
    for (Measure measure : all) {
      if (!names.add(measure.name())) {
        throw new InvalidInputException(
            "--tables: two tables have the line %s; expected another name of the file"
                .formatted(measure.name()));
      }
    }
    return all;
  }

  private static String name(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private void add(List<Measure> all, String name, Function<Workbench, AnomalyTable> table) {
    for (Setting setting : Setting.values()) {
      all.add(
          new Measure(
              PREFIX + name + "-" + setting,
              "%",
              Measure.Goal.NONE,
              bench -> quality(bench, name, table.apply(bench), setting)));
    }
  }

  private static AnomalyTable synthetic(Workbench bench, Kind kind, int allRows, int features) {
    int rows = Math.max(FEWEST, bench.workload().rows(allRows));
    int anomalies = rows / ANOMALY_EVERY;
    SyntheticAnomalies table = new SyntheticAnomalies(features, bench.setting("seed"));
    return new AnomalyTable(
        name(kind),
        IntStream.range(0, rows - anomalies).mapToObj(table::normal).toList(),
        IntStream.range(0, anomalies).mapToObj(id -> table.anomaly(kind, id)).toList());
  }

  /** AUROC in percent, the mean over the seeds, against that of the best of the others. */
  private Reading quality(Workbench bench, String name, AnomalyTable table, Setting setting)
      throws IOException {
    Optional<String> python = peers ? Peer.python("sklearn, numpy") : Optional.empty();
    if (peers && python.isEmpty()) {
      Console.say("no Python here has scikit-learn: the detectors on Spark alone");
    }
    Map<String, List<Quality>> runs = new LinkedHashMap<>();
    for (int seed = 1; seed <= seeds; seed++) {
      qualities(bench, python, table.parts(setting, seed), seed)
          .forEach(
              (detector, quality) ->
                  runs.computeIfAbsent(detector, some -> new ArrayList<>()).add(quality));
    }
    Map<String, Quality> means = new LinkedHashMap<>();
    runs.forEach((detector, qualities) -> means.put(detector, Quality.mean(qualities)));
    results.put(setting.toString(), name, means);
    means.forEach((detector, quality) -> Console.say("%-35s %s", detector, quality));
    List<Double> others =
        means.keySet().stream()
            .filter(detector -> !detector.equals(Detector.OURS))
            .map(detector -> means.get(detector).auroc())
            .toList();
    Reading ours =
        Reading.of(
            runs.get(Detector.OURS).stream().map(Quality::auroc).toList(),
            means.get(Detector.OURS).auroc());
    return others.isEmpty() ? ours : ours.againstGreatest(others);
  }

  private Map<String, Quality> qualities(
      Workbench bench, Optional<String> python, AnomalyTable.Parts parts, int seed)
      throws IOException {
    AnomalyTable test = parts.test();
    int features = parts.train().get(0).length;
    Stream<Row> tested = Stream.concat(rows(test.normal(), 0), rows(test.anomalous(), 1));
    Detector.Task task =
        task(
            bench,
            bench.spark().createDataFrame(rows(parts.train(), 0).toList(), schema(features)),
            bench.spark().createDataFrame(tested.toList(), schema(features)),
            features,
            seed);
    Map<String, Quality> found = new LinkedHashMap<>();
    for (Map.Entry<String, Detector> detector : Detector.all().entrySet()) {
      if (peers || detector.getKey().equals(Detector.OURS)) {
        found.put(detector.getKey(), quality(detector.getValue().score(task)));
      }
    }
    if (python.isPresent()) {
      found.putAll(peers(bench, python.get(), parts, seed));
    }
    return found;
  }

  private static Stream<Row> rows(List<float[]> features, int label) {
    return features.stream().map(row -> row(label, row));
  }

  private static Row row(int label, float[] features) {
    Object[] values = new Object[features.length + 1];
    values[0] = label;
    for (int j = 0; j < features.length; j++) {
      values[j + 1] = features[j];
    }
    return RowFactory.create(values);
  }

  private static StructType schema(int features) {
    StructType schema = new StructType().add(Detector.LABEL, DataTypes.IntegerType, false);
    for (String column : Detector.Task.columns(features)) {
      schema = schema.add(column, DataTypes.FloatType, false);
    }
    return schema;
  }

  /** Brings rows into Parquet, those to learn from without their labels. */
  private static Detector.Task task(
      Workbench bench, Dataset<Row> train, Dataset<Row> test, int features, int seed) {
    Detector.Task task =
        new Detector.Task(
            bench, bench.place("detection-train"), bench.place("detection-test"), features, seed);
    train.drop(Detector.LABEL).write().mode(SaveMode.Overwrite).parquet(task.train());
    test.write().mode(SaveMode.Overwrite).parquet(task.test());
    return task;
  }

  private static Quality quality(Dataset<Row> scored) {
    List<Row> rows = scored.select(Detector.LABEL, Detector.SCORE).collectAsList();
    return Quality.of(scores(rows, 0), scores(rows, 1));
  }

  private static double[] scores(List<Row> rows, int label) {
    return rows.stream()
        .filter(row -> row.getInt(0) == label)
        .mapToDouble(row -> row.getDouble(1))
        .toArray();
  }

  private static Map<String, Quality> peers(
      Workbench bench, String python, AnomalyTable.Parts parts, int seed) throws IOException {
    List<float[]> test = new ArrayList<>(parts.test().normal());
    int normal = test.size();
    test.addAll(parts.test().anomalous());
    Path rows = Path.of(bench.place("detection-rows.npz"));
    Path ranks = Path.of(bench.place("detection-ranks.npz"));
    Workbench.write(
        rows, Map.of("x", Workbench.matrix(parts.train()), "test", Workbench.matrix(test)));
    Peer.run(
        List.of(
            python,
            bench.home().resolve("submit/bench/detection_peer.py").toString(),
            "--rows",
            rows.toString(),
            "--ranks",
            ranks.toString(),
            "--seed",
            String.valueOf(seed)));
    Map<String, Quality> found = new LinkedHashMap<>();
    byte[] bytes = Files.readAllBytes(ranks);
    Npz.read(new ByteArrayInputStream(bytes), bytes.length)
        .forEach(
            (detector, array) -> {
              double[] scores = LongStream.of(array.longs()).asDoubleStream().toArray();
              found.put(
                  detector.replace('_', ' ') + " (scikit-learn)",
                  Quality.of(
                      Arrays.copyOf(scores, normal),
                      Arrays.copyOfRange(scores, normal, scores.length)));
            });
    return found;
  }

  /**
   * Seconds of ours from a million rows in Parquet, with anomalies of all kinds, to the scores of
   * all of them in Parquet, against those of the isolation forest on Spark. The parts have the
   * seconds of each detector, and what it finds.
   */
  private static Reading million(Workbench bench) throws IOException {
    int seed = bench.setting("seed");
    SyntheticAnomalies table = new SyntheticAnomalies(MILLION_FEATURES, seed);
    Dataset<Row> rows =
        bench
            .spark()
            .range(bench.workload().rows(MILLION))
            .map(
                (MapFunction<Long, Row>) id -> row(table, id),
                Encoders.row(schema(MILLION_FEATURES)));
    Detector.Task task = task(bench, rows, rows, MILLION_FEATURES, seed);
    String place = bench.place("detection-scores");
    Map<String, Double> seconds = new LinkedHashMap<>();
    Map<String, Double> parts = new LinkedHashMap<>();
    for (String detector : List.of(Detector.OURS, Detector.FOREST)) {
      long start = System.nanoTime();
      Detector.all().get(detector).score(task).write().mode(SaveMode.Overwrite).parquet(place);
      seconds.put(detector, (System.nanoTime() - start) / 1e9);
      Quality quality = quality(bench.spark().read().parquet(place));
      parts.put("seconds of " + detector, seconds.get(detector));
      parts.put("auroc of " + detector, quality.auroc());
      parts.put("average precision of " + detector, quality.averagePrecision());
    }
    double ours = seconds.get(Detector.OURS);
    return Reading.of(ours).against(List.of(seconds.get(Detector.FOREST))).with(parts);
  }

  private static Row row(SyntheticAnomalies table, long id) {
    boolean anomaly = id % ANOMALY_EVERY == ANOMALY_EVERY - 1;
    Kind[] kinds = Kind.values();
    Kind kind = kinds[(int) (id / ANOMALY_EVERY % kinds.length)];
    return row(anomaly ? 1 : 0, anomaly ? table.anomaly(kind, id) : table.normal(id));
  }
}
