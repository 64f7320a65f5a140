package dev.realnvp.exchange;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
    int version, int features, int context, List<Layer> layers, JsonNode manifest) {

  static final int VERSION = 1;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  FlowDescription {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("layers: got none, expected at least one");
    }
  }

  /** A layer, by its type. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Standardization.class, name = "standardization"),
    @JsonSubTypes.Type(value = Coupling.class, name = "coupling"),
    @JsonSubTypes.Type(value = Permutation.class, name = "permutation"),
    @JsonSubTypes.Type(value = BatchNorm.class, name = "batch_norm")
  })
  sealed interface Layer {}

  /** A standardization of the features. */
  record Standardization() implements Layer {}

  /**
   * An affine coupling.
   *
   * @param hidden the sizes of the hidden layers
   * @param sharedNetwork whether one network gives both scale and shift
   */
  record Coupling(List<Integer> hidden, boolean sharedNetwork) implements Layer {}

  /** A permutation of the features. */
  record Permutation() implements Layer {}

  /**
   * A batch normalization.
   *
   * @param epsilon the term that is added to the variance
   */
  record BatchNorm(double epsilon) implements Layer {}

  /** The description of a model with this manifest. */
  static FlowDescription of(int features, int context, List<Layer> layers, Manifest manifest) {
    try {
      JsonNode json = MAPPER.readTree(manifest.toJson());
      return new FlowDescription(VERSION, features, context, layers, json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a manifest writes JSON", e);
    }
  }

  String toJson() {
    try {
      return MAPPER.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a value that JSON has no form for", e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if it is not JSON, has another version, or is not complete
   */
  static FlowDescription fromJson(String json) {
    FlowDescription description;
    try {
      description = MAPPER.readValue(json, FlowDescription.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
    if (description.version != VERSION) {
      throw new IllegalArgumentException(
          "format version %d, expected %d".formatted(description.version, VERSION));
    }
    return description;
  }
}
