package dev.realnvp.flow.layer;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.realnvp.engine.InvertibleStage;
import java.io.Serializable;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An invertible map of a flow's rows, {@code z = f(x; context)}: a record of sizes and of whatever
 * else is fixed. Its parameters are in a {@link ParamLayout}, its mathematics in a stage. {@link
 * FlowLayer} makes it a layer of DL4J.
 *
 * <p>As JSON it is an object of its components, and of the name of its kind.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = Transform.KIND)
@JsonSubTypes({
  @JsonSubTypes.Type(value = ContextEmbedding.class, name = "context_embedding"),
  @JsonSubTypes.Type(value = MixedFeatures.class, name = "mixed_features"),
  @JsonSubTypes.Type(value = Standardization.class, name = "standardization"),
  @JsonSubTypes.Type(value = AffineCoupling.class, name = "coupling"),
  @JsonSubTypes.Type(value = SplineCoupling.class, name = "spline_coupling"),
  @JsonSubTypes.Type(value = Permutation.class, name = "permutation"),
  @JsonSubTypes.Type(value = InvertibleLinear.class, name = "linear"),
  @JsonSubTypes.Type(value = ElementwiseAffine.class, name = "elementwise_affine"),
  @JsonSubTypes.Type(value = InvertibleBatchNorm.class, name = "batch_norm")
})
public sealed interface Transform extends Serializable
    permits ContextEmbedding,
        MixedFeatures,
        Standardization,
        Coupling,
        Permutation,
        InvertibleLinear,
        ElementwiseAffine,
        InvertibleBatchNorm {

  /** The property of the JSON that names the kind. */
  String KIND = "kind";

  /**
   * The class of a kind.
   *
   * @throws IllegalArgumentException if there is no such kind
   */
  static Class<?> ofKind(String name) {
    JsonSubTypes.Type[] kinds = Transform.class.getAnnotation(JsonSubTypes.class).value();
    return Stream.of(kinds)
        .filter(kind -> kind.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "type: got '%s', expected one of %s"
                        .formatted(name, Stream.of(kinds).map(JsonSubTypes.Type::name).toList())))
        .value();
  }

  /** D, the number of features. */
  int features();

  /** How many features the next transform gets per row. */
  default int featuresAfter() {
    return features();
  }

  /** How many discrete features it takes out of the row; each has a latent of its own. */
  default int discrete() {
    return 0;
  }

  /** C, the number of context values per row. */
  int context();

  /** How many context values the next transform gets per row. */
  default int contextAfter() {
    return context();
  }

  /** Its parameters and running statistics. */
  ParamLayout layout();

  /** A new stage with its computation. */
  InvertibleStage stage();

  /** Numbers of its equation that are the same in all transforms of the kind, by their names. */
  default Map<String, Double> constants() {
    return Map.of();
  }

  /** Calls the visitor's method for this kind. */
  <R> R accept(Visitor<R> visitor);

  /** Something that is done with each kind in another way. */
  interface Visitor<R> {
    R embedding(ContextEmbedding transform);

    R mixed(MixedFeatures transform);

    R standardization(Standardization transform);

    R affine(AffineCoupling transform);

    R spline(SplineCoupling transform);

    R permutation(Permutation transform);

    R linear(InvertibleLinear transform);

    R elementwise(ElementwiseAffine transform);

    R batchNorm(InvertibleBatchNorm transform);
  }
}
