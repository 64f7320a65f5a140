package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which stages of a run are to be run: those whose output is missing, and those whose output was
 * made with other settings or of other inputs than it would be now.
 */
final class StagePlan {

  /** What is to be done. */
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

  private final Config config;
  private final String source;
  private final String against;
  private final Map<RunStage, StageOutput> outputs;

  /**
   * @param config the settings of this run
   * @param source the fingerprint of the files that its images are read from
   * @param against the fingerprint of the images that it is compared with; null without any
   * @param outputs what is in the place of each stage's output
   */
  StagePlan(Config config, String source, String against, Map<RunStage, StageOutput> outputs) {
    this.config = config;
    this.source = source;
    this.against = against;
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
    for (RunStage stage : RunStage.values()) {
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
    if (stage == RunStage.INGEST && !manifest.data().equals(source)) {
      changes.add("the image files are others");
    }
    if (stage == RunStage.EVALUATE
        && against != null
        && !against.equals(manifest.config().get(OutOfDistribution.FACT))) {
      changes.add("the images to compare with are others");
    }
    for (RunStage input : stage.inputs()) {
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
