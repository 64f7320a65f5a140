package dev.realnvp.spark.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
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

  private static final ObjectMapper MAPPER = JsonMapper.builder().build();

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
    try {
      return MAPPER.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A checkpoint holds nothing that JSON has no form for", e);
    }
  }

  /**
   * @throws IOException if it is something else
   */
  static CheckpointHeader fromJson(byte[] json) throws IOException {
    return MAPPER.readValue(json, CheckpointHeader.class);
  }
}
