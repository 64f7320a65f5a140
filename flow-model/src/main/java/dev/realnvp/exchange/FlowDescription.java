package dev.realnvp.exchange;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.realnvp.model.Json;
import dev.realnvp.model.Manifest;
import java.util.List;

/**
 * The structure of a flow, beside its arrays; JSON in the file.
 *
 * @param version of the format, {@link #VERSION}
 * @param features D
 * @param context C, the number of classes; 0 for none
 * @param layers from data to base
 * @param manifest of the model, as {@link Manifest} writes it
 */
record FlowDescription(
    int version, int features, int context, List<ObjectNode> layers, JsonNode manifest) {

  static final int VERSION = 1;

  FlowDescription {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("layers: got none, expected at least one");
    }
  }

  /** On one line. */
  String toJson() {
    return Json.tree(this).toString();
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if it is not JSON, has another version, or is not complete
   */
  static FlowDescription fromJson(String json) {
    FlowDescription description = Json.readComplete(json, FlowDescription.class);
    if (description.version != VERSION) {
      throw new IllegalArgumentException(
          "format version %d, expected %d".formatted(description.version, VERSION));
    }
    return description;
  }
}
