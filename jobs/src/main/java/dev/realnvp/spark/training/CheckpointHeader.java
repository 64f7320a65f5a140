package dev.realnvp.spark.training;

import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A checkpoint without its arrays, as JSON.
 *
 * @param identity of the training
 * @param parameters how many there are
 * @param updater how many values the updater's state has
 * @param iteration steps that the network has done
 * @param epochs epochs that the network has done
 * @param best the same counts of the best epoch's state; null where there is none
 */
record CheckpointHeader(
    Map<String, String> identity,
    int parameters,
    int updater,
    int iteration,
    int epochs,
    EpochTally tally,
    List<EpochStats> history,
    int rewinds,
    Counts best) {

  /** What the network of a state has done. */
  record Counts(int iteration, int epochs) {}

  CheckpointHeader {
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(tally, "tally");
    Objects.requireNonNull(history, "history");
  }

  static CheckpointHeader of(Map<String, String> identity, Checkpoint checkpoint) {
    NetworkState state = checkpoint.state();
    return new CheckpointHeader(
        identity,
        state.parameters().length,
        state.updater().length,
        state.iteration(),
        state.epoch(),
        checkpoint.tally(),
        checkpoint.history(),
        checkpoint.rewinds(),
        checkpoint.best() == null
            ? null
            : new Counts(checkpoint.best().iteration(), checkpoint.best().epoch()));
  }

  /** How many values follow the header. */
  long values() {
    return (best == null ? 1L : 2L) * ((long) parameters + updater);
  }

  byte[] toJson() {
    return Json.tree(this).toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @throws IllegalArgumentException if it is something else
   */
  static CheckpointHeader fromJson(byte[] json) {
    return Json.read(new String(json, StandardCharsets.UTF_8), CheckpointHeader.class, "");
  }
}
