package dev.realnvp.flow.layer;

import dev.realnvp.engine.Stage;
import java.util.List;
import java.util.Objects;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * An affine coupling (Dinh et al. 2017, Density estimation using Real NVP, sections 3.2 to 3.4).
 * With the binary mask b of the kept features, and s and t computed by a network from the kept
 * features and the context:
 *
 * <pre>
 * s = tanh(net_s(b x, context)), t = net_t(b x, context)
 * z = b x + (1 - b) (x exp(s) + t)
 * log |det dz/dx| = sum_j (1 - b_j) s_j
 * </pre>
 *
 * <p>The networks of a {@link CouplingLayer} are one for s and one for t, or one shared network
 * whose output is first s, then t. Their output is for the changed features alone: the equation
 * multiplies the rest by zero.
 */
public final class LinearCouplingLayer extends CouplingLayer {

  @JsonProperty private final boolean sharedNetwork;

  /**
   * @param context C, at least 0
   * @param kept for each feature, whether it is kept; at least one is, and one is not
   * @param hidden the sizes of the networks' hidden layers or blocks, at least one
   * @param sharedNetwork whether one network gives both scale and shift
   * @param conditioner how the networks are built; null, as in older models, for fully connected
   * @throws IllegalArgumentException if a value is out of range
   */
  @JsonCreator
  public LinearCouplingLayer(
      @JsonProperty("context") int context,
      @JsonProperty("kept") boolean[] kept,
      @JsonProperty("hidden") List<Integer> hidden,
      @JsonProperty("sharedNetwork") boolean sharedNetwork,
      @JsonProperty("conditioner") ConditionerKind conditioner) {
    super(context, kept, hidden, conditioner);
    this.sharedNetwork = sharedNetwork;
  }

  /** One with fully connected networks. */
  public LinearCouplingLayer(
      int context, boolean[] kept, List<Integer> hidden, boolean sharedNetwork) {
    this(context, kept, hidden, sharedNetwork, ConditionerKind.MLP);
  }

  /** Whether one network gives both scale and shift. */
  public boolean sharedNetwork() {
    return sharedNetwork;
  }

  /** The shared network; or one for the scale and one for the shift. */
  @Override
  List<Conditioner> conditioners() {
    int changed = changedFeatures().length;
    return sharedNetwork
        ? List.of(conditioner("", 2 * changed))
        : List.of(conditioner("scale", changed), conditioner("shift", changed));
  }

  @Override
  public Stage stage() {
    return new LinearCouplingStage(this);
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof LinearCouplingLayer that
        && sharedNetwork == that.sharedNetwork;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), sharedNetwork);
  }
}
