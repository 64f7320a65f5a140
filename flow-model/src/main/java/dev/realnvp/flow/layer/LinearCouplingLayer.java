package dev.realnvp.flow.layer;

import dev.realnvp.engine.InvertibleStage;
import java.util.List;

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
 *
 * @param context C, at least 0
 * @param kept for each feature, whether it is kept; at least one is, and one is not
 * @param hidden the sizes of the networks' hidden layers or blocks, at least one
 * @param sharedNetwork whether one network gives both scale and shift
 * @param conditioner how the networks are built
 */
public record LinearCouplingLayer(
    int context,
    List<Boolean> kept,
    List<Integer> hidden,
    boolean sharedNetwork,
    ConditionerKind conditioner)
    implements CouplingLayer {

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public LinearCouplingLayer {
    CouplingLayer.require(context, kept, hidden, conditioner);
    kept = List.copyOf(kept);
    hidden = List.copyOf(hidden);
  }

  /** The shared network; or one for the scale and one for the shift. */
  @Override
  public List<Conditioner> conditioners() {
    int changed = changedFeatures().length;
    return sharedNetwork
        ? List.of(conditioner("", 2 * changed))
        : List.of(conditioner("scale", changed), conditioner("shift", changed));
  }

  @Override
  public InvertibleStage stage() {
    return new LinearCouplingStage(this);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.affine(this);
  }
}
