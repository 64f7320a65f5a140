package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.images.OutOfDistribution;
import dev.realnvp.jobs.run.PreviousFlow;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which stages of a run are to be run: those whose output is missing, and those whose output was
 * made with other settings or of other inputs than it would be now.
 */
final class StagePlan {

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

  interface Sources {

    /**
     * The fingerprint of the image files that {@link RunStage#INGEST} would read, or of the table
     * that another stage would. Asked only where there is an output to compare it with.
     */
    String of(RunStage stage);
  }

  private final Config config;
  private final Sources sources;
  private final String against;
  private final String previous;
  private final Map<RunStage, StageOutput> outputs;

  /**
   * @param config the settings of this run
   * @param sources what comes from outside
   * @param against the fingerprint of the images that it is compared with; null without any
   * @param previous the id of the flow that the flow's training goes on from; null without one
   * @param outputs what is in the place of each stage's output, of the stages that the run has
   */
  StagePlan(
      Config config,
      Sources sources,
      String against,
      String previous,
      Map<RunStage, StageOutput> outputs) {
    this.config = config;
    this.sources = sources;
    this.against = against;
    this.previous = previous;
    this.outputs = new EnumMap<>(outputs);
  }

  /** Decides on a stage whose inputs are all there. */
  Decision decide(RunStage stage) {
    return decide(stage, Set.of());
  }

  /** A stage was run; what follows is decided by its output. */
  void made(RunStage stage, Manifest output) {
    outputs.put(stage, new StageOutput.Whole(output));
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
    StageOutput output = outputs.get(stage);
    if (output instanceof StageOutput.Whole whole) {
      List<String> changes = new ArrayList<>(Provenance.changes(stage, config, whole.manifest()));
      changes.addAll(inputChanges(stage, whole.manifest(), pending));
      return changes.isEmpty()
          ? new Decision(Action.SKIP, "")
          : new Decision(Action.REPLACE, String.join(", ", changes));
    }
    return output instanceof StageOutput.Unusable unusable
        ? new Decision(Action.REPLACE, unusable.reason())
        : new Decision(Action.RUN, "");
  }

  private List<String> inputChanges(RunStage stage, Manifest manifest, Set<RunStage> pending) {
    List<String> changes = new ArrayList<>();
    if (stage == RunStage.INGEST && !manifest.data().equals(sources.of(stage))) {
      changes.add("the image files are others");
    }
    // What reads scores too is told by those that the table is another.
    boolean outside =
        stage.inputs().contains(RunStage.EXTRACT_EMBEDDINGS)
            && !stage.inputs().contains(RunStage.SCORE)
            && !outputs.containsKey(RunStage.EXTRACT_EMBEDDINGS);
    if (outside
        && Collections.disjoint(stage.inputs(), pending)
        && !manifest.data().equals(sources.of(stage))) {
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
    return ((StageOutput.Whole) outputs.get(stage)).manifest().id();
  }
}
