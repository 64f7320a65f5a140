package dev.realnvp.exchange;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.DeserializationFeature;
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
    int version, int features, int context, List<Layer> layers, JsonNode manifest) {

  static final int VERSION = 1;

  private static final String COUPLING = "coupling";
  private static final String RESIDUAL = "residual";

  FlowDescription {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("layers: got none, expected at least one");
    }
  }

  /** A layer, by its type. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = ContextEmbedding.class, name = "context_embedding"),
    @JsonSubTypes.Type(value = Standardization.class, name = "standardization"),
    @JsonSubTypes.Type(value = Coupling.class, name = COUPLING),
    @JsonSubTypes.Type(value = SplineCoupling.class, name = "spline_" + COUPLING),
    @JsonSubTypes.Type(value = Permutation.class, name = "permutation"),
    @JsonSubTypes.Type(value = Linear.class, name = "linear"),
    @JsonSubTypes.Type(value = ElementwiseAffine.class, name = "elementwise_affine"),
    @JsonSubTypes.Type(value = BatchNorm.class, name = "batch_norm")
  })
  sealed interface Layer {}

  /**
   * A linear map of the context for the layers after it.
   *
   * @param width E, how many values they get
   */
  record ContextEmbedding(int width) implements Layer {}

  /** A standardization of the features. */
  record Standardization() implements Layer {}

  /**
   * An affine coupling.
   *
   * @param hidden the sizes of the hidden layers, or of the residual blocks
   * @param sharedNetwork whether one network gives both scale and shift
   * @param residual whether the networks have residual blocks
   */
  record Coupling(
      List<Integer> hidden,
      @JsonProperty("shared_network") boolean sharedNetwork,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonProperty(RESIDUAL) boolean residual)
      implements Layer {}

  /**
   * A coupling by rational-quadratic splines.
   *
   * @param hidden the sizes of the hidden layers, or of the residual blocks
   * @param bins K
   * @param bound B
   * @param least the least width and height of a bin, as a share of the range
   * @param residual whether the network has residual blocks
   */
  record SplineCoupling(
      List<Integer> hidden,
      int bins,
      double bound,
      double least,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonProperty(RESIDUAL) boolean residual)
      implements Layer {}

  /** A permutation of the features. */
  record Permutation() implements Layer {}

  /** An invertible linear map of the features. */
  record Linear() implements Layer {}

  /**
   * A scale and a shift of each feature.
   *
   * @param conditional whether they depend on the context
   */
  record ElementwiseAffine(boolean conditional) implements Layer {}

  /**
   * A batch normalization.
   *
   * @param epsilon the term that is added to the variance
   */
  record BatchNorm(double epsilon) implements Layer {}

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
    FlowDescription description =
        Json.read(
            complete(Json.read(json, JsonNode.class, "")).toString(),
            FlowDescription.class,
            "",
            DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
            DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);
    if (description.version != VERSION) {
      throw new IllegalArgumentException(
          "format version %d, expected %d".formatted(description.version, VERSION));
    }
    return description;
  }

  /** Couplings without residual blocks, as all were in older files, do not say so. */
  private static JsonNode complete(JsonNode description) {
    for (JsonNode layer : description.path("layers")) {
      if (layer instanceof ObjectNode coupling
          && layer.path("type").asText().endsWith(COUPLING)
          && !layer.has(RESIDUAL)) {
        coupling.put(RESIDUAL, false);
      }
    }
    return description;
  }
}
