package dev.realnvp.jobs.bench;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.randn;
import static org.apache.spark.sql.functions.when;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import dev.realnvp.exchange.NpyArray;
import dev.realnvp.exchange.Npz;
import dev.realnvp.jobs.TrainFlow;
import dev.realnvp.jobs.images.Ingest;
import dev.realnvp.jobs.images.TrainAutoencoder;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.cluster.Workers;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Split;
import dev.realnvp.spark.training.TrainingPlan;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.io.function.IORunnable;
import org.apache.commons.io.function.IOSupplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * What the measures share: a warm session, a folder for their outputs, tables of images and of
 * embeddings, trainings. Each is made when it is first asked for, and kept.
 *
 * @param settings the user's, which the jobs get
 * @param home the project's folder
 * @param data IDX files
 * @param folder empty, for whatever is written
 * @param other the peer, if there is one
 * @param kept trainings and figures by name, those that were made
 */
record Workbench(
    SparkSession spark,
    Config settings,
    Workload workload,
    Path home,
    Path data,
    Path folder,
    Optional<Peer> other,
    Map<String, Object> kept) {

  /** Standard deviation of the embeddings' features, as the peer's. */
  private static final double SPREAD = 3;

  private static final int CLASSES = 10;

  enum Model {
    FLOW("flow", "flow"),
    SPLINE("spline", "flow", "flow.coupling=spline"),
    AUTOENCODER("autoencoder", "autoencoder");

    /** As the names of lines begin. */
    final String title;

    final String section;

    /** What differs from the user's settings, each as {@code key=value}. */
    final List<String> settings;

    Model(String title, String section, String... settings) {
      this.title = title;
      this.section = section;
      this.settings = List.of(settings);
    }
  }

  /**
   * How much is done of each thing.
   *
   * @param fraction of the rows; times are scaled up to all of them
   * @param warmEpochs of a training, before those that count
   * @param epochs that count
   * @param warmRuns of an inference job, before those that count
   * @param runs that count
   */
  record Workload(double fraction, int warmEpochs, int epochs, int warmRuns, int runs) {

    /** Everything; as many repetitions as the peer has, of whose two runs the better one counts. */
    static final Workload FULL = new Workload(1, 2, 4, 2, 4);

    /** To see that it works. */
    static final Workload QUICK = new Workload(0.02, 1, 1, 0, 1);

    /** The rows that are worked on in place of so many. */
    int rows(int all) {
      return (int) Math.max(1, Math.round(all * fraction));
    }

    int allEpochs() {
      return warmEpochs + epochs;
    }
  }

  Workbench(
      SparkSession spark,
      Config settings,
      Workload workload,
      Path home,
      Path data,
      Path folder,
      Optional<Peer> other) {
    this(spark, settings, workload, home, data, folder, other, new HashMap<>());
  }

  /** The flow's epochs on the embeddings of all images. */
  int epochs() {
    return TrainingPlan.tableEpochs(settings.getConfig("flow"), "flow");
  }

  int setting(String key) {
    return settings.getInt(key);
  }

  /** The workers of a training where no number is given. */
  int workers() {
    return Workers.count(JavaSparkContext.fromSparkContext(spark.sparkContext()));
  }

  String place(String name) {
    return folder.resolve(name).toString();
  }

  /** The user's settings with some of the measure's own, each as {@code key=value}. */
  Config settings(String... own) {
    return with(with(settings, "overwrite=true", "paths.events=" + place("events")), own);
  }

  static Config with(Config settings, String... own) {
    Config changed = settings;
    for (String setting : own) {
      String[] parts = setting.split("=", 2);
      changed =
          settings.getValue(parts[0]).valueType() == ConfigValueType.STRING
              ? changed.withValue(parts[0], ConfigValueFactory.fromAnyRef(parts[1]))
              : ConfigFactory.parseString(setting).withFallback(changed);
    }
    return changed;
  }

  /** The table of all images that are worked on. */
  String images() throws IOException {
    String place = place("images");
    if (!Files.exists(Path.of(place))) {
      new Ingest()
          .run(
              spark,
              settings(
                  "ingest.data=" + data,
                  "ingest.fraction=" + workload.fraction(),
                  "paths.images=" + place));
    }
    return place;
  }

  /** A table of embeddings, normally distributed, six of seven rows in the train split. */
  String embeddings(int rows) {
    String place = place("embeddings-" + rows);
    if (!Files.exists(Path.of(place))) {
      Column[] features =
          IntStream.range(0, setting("autoencoder.code"))
              .mapToObj(i -> randn(i).multiply(SPREAD).cast(DataTypes.FloatType))
              .toArray(Column[]::new);
      Column split = when(col("id").lt(rows / 7L * 6), Split.TRAIN).otherwise(Split.TEST);
      Column label = col("id").mod(CLASSES).cast(DataTypes.IntegerType);
      spark
          .range(0, rows, 1, spark.sparkContext().defaultParallelism())
          .select(
              col("id"),
              split.as("split"),
              label.as("label"),
              array(features).as(Embeddings.COLUMN))
          .write()
          .parquet(place);
    }
    return place;
  }

  /** The embeddings that flows are trained on: as many as there are images in MNIST. */
  String embeddings() {
    return embeddings(workload.rows(70_000));
  }

  @SuppressWarnings("unchecked") // each name has one maker
  private <T> T once(String name, IOSupplier<T> maker) throws IOException {
    if (!kept.containsKey(name)) {
      kept.put(name, maker.get());
    }
    return (T) kept.get(name);
  }

  /** The epochs of a training with so many workers that count. */
  History training(Model model, int workers) throws IOException {
    String name = model.title + "-" + workers;
    List<String> more = new ArrayList<>(model.settings);
    more.add("train.workers=" + workers);
    Manifest trained =
        once(
            name,
            () -> train(model.section, name, workload.allEpochs(), more.toArray(String[]::new)));
    return History.after(workload.warmEpochs(), trained);
  }

  /**
   * Seconds of a job in a warm session, Parquet to Parquet: checks, work, output. The best of the
   * runs that count.
   *
   * @param scale what the seconds are multiplied with
   */
  Reading best(double scale, IORunnable job) throws IOException {
    List<Double> seconds = new ArrayList<>();
    for (int run = 0; run < workload.warmRuns() + workload.runs(); run++) {
      long start = System.nanoTime();
      job.run();
      if (run >= workload.warmRuns()) {
        seconds.add((System.nanoTime() - start) / 1e9 * scale);
      }
    }
    return Reading.best(seconds);
  }

  /** Trains, with more settings, each as {@code key=value}. */
  Manifest train(String section, String name, int epochs, String... more) throws IOException {
    return section.equals("flow")
        ? trainFlow(embeddings(), name, epochs, more)
        : new TrainAutoencoder()
            .run(spark, trainingSettings(section, images(), name, epochs, more))
            .manifest();
  }

  private Manifest trainFlow(String table, String name, int epochs, String... more)
      throws IOException {
    return new TrainFlow()
        .run(spark, trainingSettings("flow", table, name, epochs, more))
        .manifest();
  }

  /** The settings of a training on a table, with more of them, each as {@code key=value}. */
  Config trainingSettings(String section, String table, String name, int epochs, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.add(section + ".epochs=" + epochs);
    all.add("paths." + section + "=" + place("model-" + name));
    all.add((section.equals("flow") ? "paths.embeddings=" : "paths.images=") + table);
    return settings(all.toArray(String[]::new));
  }

  /** Where a trained model is: one of a measured training, or one that was trained for an epoch. */
  String model(Model model) throws IOException {
    String measured = place("model-" + model.title + "-" + workers());
    String brief = place("model-" + model.title);
    if (!Files.exists(Path.of(measured)) && !Files.exists(Path.of(brief))) {
      train(model.section, model.title, 1, model.settings.toArray(String[]::new));
    }
    return Files.exists(Path.of(measured)) ? measured : brief;
  }

  /**
   * Runs {@code submit/NAME} on a master, as a user does, with the user's settings, more of them,
   * and options.
   *
   * @return what it printed
   * @throws IOException if it fails
   */
  String script(String name, String master, Config changed, String... options) throws IOException {
    Path file = Files.createTempFile(folder, "settings", ".conf");
    Files.writeString(file, changed.root().render(ConfigRenderOptions.concise()));
    List<String> command =
        new ArrayList<>(List.of(home.resolve("submit").resolve(name).toString()));
    command.addAll(List.of("--master", master, "--conf-file", file.toString()));
    command.addAll(List.of(options));
    // What this process's own scripts set for it alone.
    List<String> own = new ArrayList<>(List.of("REALNVP_LOG_FILE"));
    if (System.getenv().getOrDefault("SPARK_HOME", "").startsWith(home + "/target/spark")) {
      own.add("SPARK_HOME");
    }
    return Peer.run(command, own);
  }

  /** The seconds of the complete pipeline, in a process of its own, and those of its stages. */
  Map<String, Double> pipeline() throws IOException {
    return once("pipeline", this::runPipeline);
  }

  private Map<String, Double> runPipeline() throws IOException {
    Path run = folder.resolve("pipeline");
    // The paths, which were resolved for another run, are the defaults again.
    Config changed =
        settings("ingest.fraction=" + workload.fraction()).withoutPath("paths").withoutPath("run");
    long start = System.nanoTime();
    String output =
        script(
            "pipeline.sh",
            spark.sparkContext().master(),
            changed,
            "--data",
            data.toString(),
            "--run",
            run.toString());
    Map<String, Double> seconds = stageSeconds(output);
    seconds.put("pipeline", (System.nanoTime() - start) / 1e9);
    return seconds;
  }

  /** By stage, from the pipeline's line {@code seconds: ingest 4.17, train-ae 61.02}. */
  private static Map<String, Double> stageSeconds(String output) {
    Map<String, Double> seconds = new LinkedHashMap<>();
    output
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("seconds: "))
        .flatMap(line -> Stream.of(line.substring("seconds: ".length()).split(", ")))
        .map(stage -> stage.split(" "))
        .forEach(stage -> seconds.put(stage[0], Double.valueOf(stage[1])));
    return seconds;
  }

  /**
   * A training of the flow at its defaults with so many workers, all threads of this session, on
   * the embeddings of the pipeline's run.
   */
  Manifest realFlow(int workers, int epochs) throws IOException {
    String name = "real-flow-" + workers + "-" + epochs;
    return once(name, () -> trainFlow(realEmbeddings(), name, epochs, "train.workers=" + workers));
  }

  String realEmbeddings() throws IOException {
    pipeline();
    return folder.resolve("pipeline/embeddings").toString();
  }

  /** Writes the embeddings of the pipeline's run into an npz file for the peer. */
  void export(Path file) throws IOException {
    Dataset<Row> embeddings = spark.read().parquet(realEmbeddings());
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    put(arrays, "x", "labels", embeddings.where(col("split").equalTo(Split.TRAIN)));
    put(arrays, "test", "test_labels", embeddings.where(col("split").equalTo(Split.TEST)));
    write(file, arrays);
  }

  static void write(Path file, Map<String, NpyArray> arrays) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      Npz.write(arrays, out);
    }
  }

  private static void put(
      Map<String, NpyArray> arrays, String features, String labels, Dataset<Row> embeddings) {
    List<Row> rows = embeddings.select(Embeddings.COLUMN, "label").collectAsList();
    arrays.put(
        features, matrix(rows.stream().map(row -> Embeddings.floats(row.getList(0))).toList()));
    arrays.put(
        labels, NpyArray.of(rows.stream().mapToLong(row -> row.getInt(1)).toArray(), rows.size()));
  }

  /** Rows of equal lengths, one after the other. */
  static NpyArray matrix(List<float[]> rows) {
    int width = rows.get(0).length;
    float[] values = new float[rows.size() * width];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, values, i * width, width);
    }
    return NpyArray.of(values, rows.size(), width);
  }

  /** What a job in another process left beside its model. */
  static Manifest manifest(String model) throws IOException {
    return Manifest.fromJson(Files.readString(Path.of(model, "manifest.json")));
  }
}
