package dev.realnvp.flow.layer;

import dev.realnvp.engine.InvertibleStage;
import java.util.ArrayList;
import java.util.List;

/**
 * A trained scale and shift of each feature, the identity at first. Without the context it is the
 * activation norm of Glow (Kingma and Dhariwal 2018, section 3.1):
 *
 * <pre>
 * z_j = x_j exp(s_j) + b_j
 * log |det dz/dx| = sum_j s_j
 * </pre>
 *
 * <p>Glow sets s and b by a first minibatch; here features are standardised, so the identity is
 * near enough. Given the context c, {@code [C]},
 *
 * <pre>
 * s_j = a_j + 3 tanh((S c)_j / 3),  b_j = d_j + (B c)_j
 * </pre>
 *
 * <p>with S and B of {@code [C, D]}. So a context changes a scale by a factor of 20 at most:
 * numbers may be of any magnitude, and exp of a multiple of them would soon overflow. In front of a
 * standard normal that makes the base distribution a Gaussian per class, or one whose means and
 * deviations follow from the numbers that are given.
 *
 * @param features D, at least 1
 * @param context C, at least 0; at least 1 if it is conditional
 * @param conditional whether scales and shifts depend on the context
 */
public record ElementwiseAffine(int features, int context, boolean conditional)
    implements Transform {

  /** What the context may add to a log-scale. */
  static final float LIMIT = 3;

  /**
   * @throws IllegalArgumentException if a size is out of its range
   */
  public ElementwiseAffine {
    FlowRowLayout.requireSizes(features, context);
    if (conditional && context < 1) {
      throw new IllegalArgumentException(
          "context: got %d, expected at least 1 for scales that depend on it".formatted(context));
    }
  }

  /** {@code a} and {@code d}, then S and B if it is conditional; all 0 at first. */
  @Override
  public ParamLayout layout() {
    List<ParamLayout.Param> params = new ArrayList<>();
    params.add(param("logScale", features));
    params.add(param("shift", features));
    if (conditional) {
      params.add(param("contextLogScale", context, features));
      params.add(param("contextShift", context, features));
    }
    return new ParamLayout(params);
  }

  private static ParamLayout.Param param(String name, long... shape) {
    return new ParamLayout.Param(name, shape, ParamLayout.constant(0), true);
  }

  @Override
  public InvertibleStage stage() {
    return new ElementwiseAffineStage(this);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.elementwise(this);
  }
}
