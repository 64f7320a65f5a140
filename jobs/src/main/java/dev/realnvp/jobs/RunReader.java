package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;

import com.typesafe.config.ConfigValue;
import dev.realnvp.jobs.cli.EventLog;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.images.Pictures;
import dev.realnvp.jobs.report.Content;
import dev.realnvp.jobs.report.RunFacts;
import dev.realnvp.jobs.report.Scores;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.jobs.run.SampleNeighbours;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.scores.Calibration;
import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.cluster.BackgroundTask;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.neighbours.NearestDistances;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.training.SavedProgress;
import dev.realnvp.stored.StoredModel;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.io.function.IOSupplier;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Reads what there is of a run, for its report. */
record RunReader(Run run) {

  /**
   * Reads all of it: the table is the one that the flow was trained on, if the settings name no
   * other.
   *
   * @throws InvalidInputException if a table to compare with is named and cannot be read
   * @throws IOException if the file system fails
   */
  RunFacts read() throws IOException {
    return new RunReader(content(run::asTrained).there().orElse(run)).facts();
  }

  private RunFacts facts() throws IOException {
    Map<RunStage, Content<Manifest>> manifests = new EnumMap<>(RunStage.class);
    Map<RunStage, SavedProgress> unfinished = new EnumMap<>(RunStage.class);
    for (RunStage stage : stages()) {
      Optional<SavedProgress> progress = progress(stage);
      progress.ifPresent(saved -> unfinished.put(stage, saved));
      manifests.put(
          stage,
          run.isThere(stage.path())
              ? content(() -> manifest(stage))
              : new Content.Absent<>(progress.map(RunReader::standing).orElse("Not there yet.")));
    }
    RunDensities densities = new RunDensities(run);
    Optional<StoredModel> flow =
        content("paths.flow", () -> run.model(RunStage.TRAIN_FLOW)).there();
    List<String> classNames = flow.map(model -> FlowModel.names(model).names()).orElse(List.of());
    RunFacts.Threshold threshold = threshold(flow);
    BackgroundTask<Content<Scores>> scores =
        BackgroundTask.start(
            () -> content(RunStage.SCORE, () -> densities.scores(threshold, classNames)));
    return new RunFacts(
        run.place("run"),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        manifests.entrySet().stream().map(e -> stage(e.getKey(), e.getValue())).toList(),
        settings(manifests),
        content("paths.events", () -> EventLog.historyServer(run.hadoop(), run.config())),
        trainings(manifests, unfinished),
        content(RunStage.EVALUATE, () -> Evaluate.read(run)),
        content("paths.embeddings", densities::data),
        new RunFacts.Densities(
            content("paths.flow", densities::base), scores.get(), threshold, classNames),
        pictures());
  }

  /** Those that a run of its kind has: of a table, samples are there if somebody wants some. */
  private List<RunStage> stages() throws IOException {
    boolean begun =
        run.isThere(RunStage.TRAIN_FLOW.path())
            || run.isThere(RunStage.SCORE.path())
            || progress(RunStage.TRAIN_FLOW).isPresent();
    if (!begun || run.isOfImages()) {
      return RunStage.OF_IMAGES;
    }
    return run.isThere(RunStage.SAMPLE.path())
        ? List.of(RunStage.TRAIN_FLOW, RunStage.SCORE, RunStage.SAMPLE, RunStage.EVALUATE)
        : RunStage.OF_TABLE;
  }

  /** That of the scores; null if the flow has no calibration, or there are no scores. */
  private RunFacts.Threshold threshold(Optional<StoredModel> flow) throws IOException {
    Calibration calibration = flow.flatMap(StoredModel::calibration).orElse(null);
    if (calibration == null) {
      return null;
    }
    return content(
            RunStage.SCORE,
            () -> {
              Dataset<Row> scores = run.table("paths.scores");
              List<String> errors =
                  Embeddings.ERRORS.stream()
                      .filter(List.of(scores.columns())::contains)
                      .filter(error -> !scores.where(col(error).isNotNull()).isEmpty())
                      .toList();
              double rate = TestScores.falseAlarmRate(run);
              return new RunFacts.Threshold(
                  calibration.split(),
                  calibration.count(),
                  rate,
                  calibration.detector(errors, rate).threshold());
            })
        .there()
        .orElse(null);
  }

  private Manifest manifest(RunStage stage) throws IOException {
    return run.manifest(stage)
        .orElseThrow(() -> new InvalidInputException(run.place(stage.path()) + " has no manifest"));
  }

  private RunFacts.Stage stage(RunStage stage, Content<Manifest> manifest) {
    Long rows =
        manifest
            .there()
            .map(made -> made.config().get(Provenance.ROWS))
            .filter(Number.class::isInstance)
            .map(counted -> ((Number) counted).longValue())
            .orElse(null);
    return new RunFacts.Stage(stage.job(), run.place(stage.path()), manifest, rows);
  }

  private Optional<SavedProgress> progress(RunStage stage) throws IOException {
    return stage.trains()
        ? SavedProgress.newest(run.hadoop(), run.place("paths.checkpoints"), stage.kind())
        : Optional.empty();
  }

  private static String standing(SavedProgress saved) {
    return "In training: epoch %,d, after %,d batches a worker, at %s (its last checkpoint)."
        .formatted(saved.epoch(), saved.step(), saved.saved().truncatedTo(ChronoUnit.SECONDS));
  }

  private static List<RunFacts.Training> trainings(
      Map<RunStage, Content<Manifest>> manifests, Map<RunStage, SavedProgress> unfinished) {
    List<RunFacts.Training> trainings = new ArrayList<>();
    for (RunStage stage : manifests.keySet()) {
      List<EpochStats> epochs =
          manifests.get(stage).there().map(Manifest::history).orElse(List.of());
      if (stage.trains() && !epochs.isEmpty()) {
        trainings.add(new RunFacts.Training(stage.kind(), stage.unit(), "", epochs));
      }
      if (unfinished.containsKey(stage)) {
        SavedProgress saved = unfinished.get(stage);
        trainings.add(
            new RunFacts.Training(stage.kind(), stage.unit(), standing(saved), saved.history()));
      }
    }
    return trainings;
  }

  /** As the manifests have them, but for those that are the defaults. */
  private static List<RunFacts.Setting> settings(Map<RunStage, Content<Manifest>> manifests) {
    Map<String, ConfigValue> defaults = new HashMap<>();
    Defaults.resolved().entrySet().forEach(usual -> defaults.put(usual.getKey(), usual.getValue()));
    List<RunFacts.Setting> settings = new ArrayList<>();
    manifests.forEach(
        (stage, content) ->
            content.there().map(Provenance::settings).orElse(new TreeMap<>()).entrySet().stream()
                .filter(set -> !set.getValue().equals(defaults.get(set.getKey())))
                .map(
                    set ->
                        new RunFacts.Setting(
                            stage.job(),
                            set.getKey(),
                            Settings.shown(set.getValue()),
                            defaults.containsKey(set.getKey())
                                ? Settings.shown(defaults.get(set.getKey()))
                                : ""))
                .forEach(settings::add));
    return settings;
  }

  /**
   * Those that there always should be of images, and those that are made if the settings ask for
   * them. Of a table's neighbours there is no picture, only what their distances say.
   */
  List<RunFacts.Picture> pictures() throws IOException {
    List<RunFacts.Picture> pictures = new ArrayList<>();
    boolean images = stages().contains(RunStage.INGEST);
    if (images || hasSamples(Pictures.GRID)) {
      pictures.add(
          picture(
              "Samples",
              "Samples, one class per row, from the least likely to the most likely",
              Pictures.GRID));
    }
    if (images || hasSamples(Pictures.RECONSTRUCTIONS)) {
      pictures.add(
          picture(
              "Reconstructions",
              "Test images, and below each row of them their reconstructions",
              Pictures.RECONSTRUCTIONS));
    }
    if (hasSamples(Pictures.NEIGHBOURS) || images && hasSamples(SampleNeighbours.FOLDER)) {
      pictures.add(
          picture(
              "Nearest train images",
              "Samples, those that are nearest to a train image first, and below each row of them"
                  + " those images",
              Pictures.NEIGHBOURS,
              distances().toArray(String[]::new)));
    } else if (hasSamples(SampleNeighbours.FOLDER)) {
      pictures.add(
          new RunFacts.Picture(
              "Nearest train rows",
              "How near samples, and rows that were held out, are to train rows, in standard"
                  + " deviations of the features",
              distances(),
              Optional.empty()));
    }
    return pictures;
  }

  private RunFacts.Picture picture(String heading, String description, String name, String... notes)
      throws IOException {
    Path path = new Path(run.place("paths.samples"), name);
    Content<byte[]> png =
        content(
            () -> {
              run.requireCurrent(RunStage.SAMPLE);
              try (InputStream in = path.getFileSystem(run.hadoop()).open(path)) {
                return in.readAllBytes();
              } catch (FileNotFoundException e) {
                throw new InvalidInputException("Not there: no " + path + ".", e);
              }
            });
    return new RunFacts.Picture(heading, description, List.of(notes), Optional.of(png));
  }

  private List<String> distances() throws IOException {
    try {
      run.requireCurrent(RunStage.SAMPLE);
      return run.reading(
              "paths.samples", () -> SampleNeighbours.read(run.spark(), run.place("paths.samples")))
          .map(NearestDistances::sentences)
          .orElse(List.of());
    } catch (InvalidInputException e) {
      return List.of(e.getMessage());
    }
  }

  private boolean hasSamples(String name) throws IOException {
    Path path = new Path(run.place("paths.samples"), name);
    return path.getFileSystem(run.hadoop()).exists(path);
  }

  /** What can be read of a stage's output, if it is of the run's models as they are now. */
  private <T> Content<T> content(RunStage stage, IOSupplier<T> reading) throws IOException {
    return content(
        stage.path(),
        () -> {
          run.requireCurrent(stage);
          return reading.get();
        });
  }

  /** What can be read, where a setting says; else why not. */
  private <T> Content<T> content(String key, IOSupplier<T> reading) throws IOException {
    return run.isThere(key)
        ? content(() -> run.reading(key, reading))
        : new Content.Absent<>("Not there yet: no " + run.place(key) + ".");
  }

  /** What can be read; else why not. */
  static <T> Content<T> content(IOSupplier<T> reading) throws IOException {
    try {
      return new Content.Present<>(reading.get());
    } catch (InvalidInputException | ChecksumException e) {
      return new Content.Absent<>(e.getMessage());
    }
  }
}
