package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.images.OutOfDistribution;
import dev.realnvp.jobs.report.Content;
import dev.realnvp.jobs.run.PreviousFlow;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.AtomicOutput;
import dev.realnvp.spark.storage.CatalogTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.ChecksumException;

/**
 * Which stages of a run are to be run: those whose output is missing, and those whose output was
 * made with other settings or of other inputs than it would be now.
 *
 * @param config the settings of this run
 * @param sources the fingerprint of what a stage reads from outside the run: image files, or a
 *     table. Asked only where there is an output to compare it with
 * @param against the fingerprint of the images that it is compared with; null without any
 * @param previous the id of the flow that the flow's training goes on from; null without one
 * @param outputs by {@link #output}, of the stages that the run has
 */
record StagePlan(
    Config config,
    Function<RunStage, String> sources,
    String against,
    String previous,
    Map<RunStage, Content<Manifest>> outputs) {

  enum Action {
    /** There is no output. */
    RUN,
    /** The output is what the stage would make. */
    SKIP,
    /** The output is another one, or none of the stage. */
    REPLACE
  }

  /**
   * What is to be done with a stage.
   *
   * @param reason of a replacement, else empty
   */
  record Decision(Action action, String reason) {}

  StagePlan {
    outputs = new EnumMap<>(outputs);
  }

  /**
   * What is in the place of a stage's output: a complete one, or why it cannot be used, or nothing,
   * of which there is nothing to say. Models are read; of tables the manifest, and how many rows
   * their files have.
   *
   * @throws IOException if the file system fails
   */
  static Content<Manifest> output(Run run, RunStage stage) throws IOException {
    String place = run.place(stage.path());
    Optional<CatalogTable> named = Job.table(run.spark(), run.config(), stage.path());
    if (named.isPresent() ? !named.get().exists() : !AtomicOutput.exists(run.hadoop(), place)) {
      return new Content.Absent<>("");
    }
    try {
      Manifest manifest =
          run.manifest(stage)
              .orElseThrow(() -> new InvalidInputException(place + " has no manifest"));
      if (!manifest.kind().equals(stage.kind())) {
        throw new InvalidInputException(
            "%s holds %s, not %s".formatted(place, manifest.kind(), stage.kind()));
      }
      switch (stage) {
        case TRAIN_AUTOENCODER, TRAIN_CLASSIFIER, TRAIN_FLOW -> run.model(stage);
        case INGEST, EXTRACT_EMBEDDINGS, SCORE, SAMPLE ->
            requireRows(
                manifest, run.reading(stage.path(), () -> run.table(stage.path()).count()), place);
        case EVALUATE -> Evaluate.read(run);
        case COMPARE -> {}
      }
      return new Content.Present<>(manifest);
    } catch (InvalidInputException | ChecksumException e) {
      return new Content.Absent<>(e.getMessage());
    }
  }

  private static void requireRows(Manifest manifest, long got, String place) {
    Object expected = manifest.config().get(Provenance.ROWS);
    if (!(expected instanceof Number rows) || rows.longValue() != got) {
      throw new InvalidInputException(
          "%s has %d rows, and %s by its manifest".formatted(place, got, expected));
    }
  }

  /** Decides on a stage whose inputs are all there. */
  Decision decide(RunStage stage) {
    return decide(stage, Set.of());
  }

  /** A stage was run; what follows is decided by its output. */
  void made(RunStage stage, Manifest output) {
    outputs.put(stage, new Content.Present<>(output));
  }

  /**
   * Fails, before any work, where an output is to be replaced, and may not be.
   *
   * @throws InvalidInputException naming the first such stage, and why
   */
  void requireReplaceable() {
    Map<RunStage, String> replaced = new LinkedHashMap<>();
    Set<RunStage> pending = EnumSet.noneOf(RunStage.class);
    for (RunStage stage : new TreeSet<>(outputs.keySet())) {
      Decision decision = decide(stage, pending);
      if (decision.action() != Action.SKIP) {
        pending.add(stage);
      }
      if (decision.action() == Action.REPLACE) {
        replaced.put(stage, decision.reason());
      }
    }
    if (!replaced.isEmpty() && !config.getBoolean("overwrite")) {
      Map.Entry<RunStage, String> first = replaced.entrySet().iterator().next();
      throw new InvalidInputException(
          "%s: %s; --overwrite replaces the outdated outputs, of %s"
              .formatted(
                  first.getKey().job(),
                  first.getValue(),
                  replaced.keySet().stream().map(RunStage::job).collect(Collectors.joining(", "))));
    }
  }

  /**
   * @param pending stages that will be run before, with outputs that are not known yet
   */
  private Decision decide(RunStage stage, Set<RunStage> pending) {
    if (outputs.get(stage) instanceof Content.Present<Manifest> whole) {
      List<String> changes = new ArrayList<>(Provenance.changes(stage, config, whole.value()));
      changes.addAll(inputChanges(stage, whole.value(), pending));
      return changes.isEmpty()
          ? new Decision(Action.SKIP, "")
          : new Decision(Action.REPLACE, String.join(", ", changes));
    }
    String reason = ((Content.Absent<Manifest>) outputs.get(stage)).reason();
    return new Decision(reason.isEmpty() ? Action.RUN : Action.REPLACE, reason);
  }

  private List<String> inputChanges(RunStage stage, Manifest manifest, Set<RunStage> pending) {
    List<String> changes = new ArrayList<>();
    if (stage == RunStage.INGEST && !manifest.data().equals(sources.apply(stage))) {
      changes.add("the image files are others");
    }
    // What reads scores too is told by those that the table is another.
    boolean outside =
        stage.inputs().contains(RunStage.EXTRACT_EMBEDDINGS)
            && !stage.inputs().contains(RunStage.SCORE)
            && !outputs.containsKey(RunStage.EXTRACT_EMBEDDINGS);
    if (outside
        && Collections.disjoint(stage.inputs(), pending)
        && !manifest.data().equals(sources.apply(stage))) {
      changes.add("the table is another");
    }
    if (stage == RunStage.EVALUATE
        && against != null
        && !against.equals(manifest.config().get(OutOfDistribution.FACT))) {
      changes.add("the images to compare with are others");
    }
    String from = manifest.parents().get(PreviousFlow.PARENT);
    if (stage == RunStage.TRAIN_FLOW && !Objects.equals(from, previous)) {
      changes.add(
          "the flow to go on from was %s, is %s"
              .formatted(from == null ? "none" : from, previous == null ? "none" : previous));
    }
    for (RunStage input : stage.inputs()) {
      if (!outputs.containsKey(input)) {
        continue;
      }
      String before = manifest.parents().get(input.kind());
      if (pending.contains(input)) {
        changes.add(input.kind() + " will be made anew");
      } else if (!id(input).equals(before)) {
        changes.add(
            "input %s was %s, is %s"
                .formatted(input.kind(), before == null ? "not known" : before, id(input)));
      }
    }
    return changes;
  }

  private String id(RunStage stage) {
    return outputs.get(stage).there().orElseThrow().id();
  }
}
