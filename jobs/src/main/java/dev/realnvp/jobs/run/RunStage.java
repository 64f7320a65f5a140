package dev.realnvp.jobs.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.storage.OutputLeases;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The stages of a run, in their order: what each makes, of what, and which settings decide what
 * comes out.
 *
 * <p>Places, {@code inference.batch} and Spark's own settings change no result beyond rounding.
 * {@code train.workers} does change the parameters of a model, and so do {@code
 * train.shuffle-megabytes} and what a training does after a loss that is not finite; but the model
 * is as good.
 */
public enum RunStage {
  INGEST("ingest", "images", List.of("ingest.fraction")),
  TRAIN_AUTOENCODER(
      "train-ae",
      ModelDirectory.AUTOENCODER,
      List.of("autoencoder", "train.training-master", "train.scale-learning-rate", "seed"),
      INGEST),
  TRAIN_CLASSIFIER(
      "train-classifier",
      ModelDirectory.CLASSIFIER,
      List.of("classifier", "train.training-master", "train.scale-learning-rate", "seed"),
      INGEST),
  EXTRACT_EMBEDDINGS(
      "extract-embeddings", "embeddings", List.of("extract"), INGEST, TRAIN_AUTOENCODER),
  TRAIN_FLOW(
      "train-flow",
      FlowModel.KIND,
      List.of(
          "flow",
          "table",
          "skip-invalid",
          "train.training-master",
          "train.scale-learning-rate",
          "seed"),
      EXTRACT_EMBEDDINGS),
  SCORE("score", "scores", and(TableRequest.KEYS, "score"), EXTRACT_EMBEDDINGS, TRAIN_FLOW),
  SAMPLE(
      "sample",
      "samples",
      and(TableRequest.KEYS, "sample", "seed"),
      INGEST,
      TRAIN_AUTOENCODER,
      EXTRACT_EMBEDDINGS,
      TRAIN_FLOW),
  EVALUATE(
      "evaluate",
      "evaluation",
      and(TableRequest.KEYS, "evaluate"),
      INGEST,
      TRAIN_AUTOENCODER,
      TRAIN_CLASSIFIER,
      EXTRACT_EMBEDDINGS,
      TRAIN_FLOW,
      SCORE,
      SAMPLE),
  /** Of another table than the run's. */
  COMPARE(
      "compare",
      "comparison",
      and(TableRequest.KEYS, "compare.false-alarm-rate", "compare.rows"),
      EXTRACT_EMBEDDINGS,
      TRAIN_FLOW);

  /** Those that are recorded only if they are not the defaults: most runs do without them. */
  private static final List<String> IF_SET =
      List.of(
          TableRequest.CONTEXT_COLS,
          TableRequest.FEATURES_COLS,
          TableRequest.KINDS,
          "train.scale-learning-rate",
          "table.id-col",
          "table.no-label",
          "table.hold-out",
          TableRequest.TYPES,
          "table.missing",
          "table.impute",
          "score.keep",
          TableRequest.MARKS,
          "score.drop-features",
          "score.posterior-classes",
          "score.explain",
          "score.explain-rows");

  private final String job;
  private final String kind;
  private final List<String> deciding;
  private final List<RunStage> inputs;

  RunStage(String job, String kind, List<String> deciding, RunStage... inputs) {
    this.job = job;
    this.kind = kind;
    this.deciding = deciding;
    this.inputs = List.of(inputs);
  }

  private static List<String> and(List<String> settings, String... more) {
    return Stream.concat(settings.stream(), Stream.of(more)).toList();
  }

  public static final List<RunStage> OF_IMAGES = List.copyOf(EnumSet.range(INGEST, EVALUATE));

  /** The stages of a run of a table, whose rows are there already. */
  public static final List<RunStage> OF_TABLE = List.of(TRAIN_FLOW, SCORE, EVALUATE);

  /** The job's name, as that of its script. */
  public String job() {
    return job;
  }

  /** What the manifest of its output calls that. */
  public String kind() {
    return kind;
  }

  /** The setting that says where its output is. */
  public String path() {
    return "paths." + kind;
  }

  /** The stages whose outputs it reads. */
  public List<RunStage> inputs() {
    return inputs;
  }

  /** The settings that say where those are. */
  public List<String> reads() {
    return inputs.stream().map(RunStage::path).toList();
  }

  /** The settings that say what it writes. */
  public List<String> writes() {
    return trains() ? List.of(path(), "paths.checkpoints") : List.of(path());
  }

  /** The settings that say where the outputs of all stages of a run are, and more of them. */
  public static List<String> paths(String... more) {
    return Stream.concat(OF_IMAGES.stream().map(RunStage::path), Stream.of(more)).toList();
  }

  /** The unit of the loss of a stage that trains a model; else empty. */
  public String unit() {
    return switch (this) {
      case TRAIN_AUTOENCODER -> "BCE per pixel";
      case TRAIN_CLASSIFIER -> "nats";
      case TRAIN_FLOW -> FlowModel.UNIT;
      case INGEST, EXTRACT_EMBEDDINGS, SCORE, SAMPLE, EVALUATE, COMPARE -> "";
    };
  }

  /** Whether its output is a model. */
  public boolean trains() {
    return !unit().isEmpty();
  }

  /**
   * Takes the lease of its output, and of a training's checkpoints of its kind.
   *
   * @throws dev.realnvp.spark.storage.OutputInUseException if another writer has one of them
   */
  public void claim(OutputLeases leases, Config config) throws IOException {
    Job.claim(leases, config, path());
    if (trains() && config.getDouble("checkpoint.keep") > 0) {
      leases.files(config.getString("paths.checkpoints"), kind);
    }
  }

  /** The settings that decide what comes out, by key. */
  public SortedMap<String, ConfigValue> settings(Config config) {
    SortedMap<String, ConfigValue> settings = new TreeMap<>();
    config
        .entrySet()
        .forEach(
            entry -> {
              String key = String.join(".", ConfigUtil.splitPath(entry.getKey()));
              if (deciding.stream().anyMatch(d -> key.equals(d) || key.startsWith(d + "."))) {
                settings.put(key, entry.getValue());
              }
            });
    Config usual = Defaults.resolved();
    settings
        .entrySet()
        .removeIf(
            entry ->
                IF_SET.contains(entry.getKey())
                    && entry.getValue().equals(usual.getValue(entry.getKey())));
    return settings;
  }
}
