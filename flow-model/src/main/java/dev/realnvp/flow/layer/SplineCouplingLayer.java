package dev.realnvp.flow.layer;

import dev.realnvp.engine.InvertibleStage;
import java.util.List;
import java.util.Map;

/**
 * A coupling by monotonic rational-quadratic splines (Durkan et al. 2019, Neural Spline Flows,
 * section 3.1 and appendix A.1). A changed feature x within {@code [-B, B]} falls into one of K
 * bins; in the bin with left end X, width w, lower end Y, height h, and derivatives d and d' at its
 * ends,
 *
 * <pre>
 * r = (x - X) / w,  s = h / w,  q = r (1 - r)
 * z = Y + h (s r^2 + d q) / (s + (d + d' - 2 s) q)
 * dz/dx = s^2 (d' r^2 + 2 s q + d (1 - r)^2) / (s + (d + d' - 2 s) q)^2
 * </pre>
 *
 * <p>Beyond, z is x, and the derivatives at {@code -B} and B are 1. The network's output for a
 * feature is K values for the widths, K for the heights and K - 1 for the inner derivatives: widths
 * and heights are 2 B times {@link #LEAST} plus what a softmax leaves of the rest, and a derivative
 * is {@code exp(3 tanh(u / 3))}, between 0.05 and 20, and 1 for u = 0. The paper has a softplus
 * there. Output p of changed feature j is number {@code p M + j}.
 *
 * @param context C, at least 0
 * @param kept for each feature, whether it is kept; at least one is, and one is not
 * @param hidden the sizes of the network's hidden layers or blocks, at least one
 * @param bins K, from 2 to 100
 * @param bound B, above 0
 * @param conditioner how the network is built
 */
public record SplineCouplingLayer(
    int context,
    List<Boolean> kept,
    List<Integer> hidden,
    int bins,
    double bound,
    ConditionerKind conditioner)
    implements CouplingLayer {

  /** The least width and height of a bin, as a share of the range. */
  public static final double LEAST = 1e-3;

  private static final int MOST_BINS = 100;

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public SplineCouplingLayer {
    CouplingLayer.require(context, kept, hidden, conditioner);
    if (bins < 2 || bins > MOST_BINS) {
      throw new IllegalArgumentException(
          "bins: got %d, expected from 2 to %d".formatted(bins, MOST_BINS));
    }
    if (!(bound > 0) || bound == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "bound: got %s, expected a number above 0".formatted(bound));
    }
    kept = List.copyOf(kept);
    hidden = List.copyOf(hidden);
  }

  @Override
  public List<Conditioner> conditioners() {
    return List.of(conditioner("", (3 * bins - 1) * changedFeatures().length));
  }

  @Override
  public InvertibleStage stage() {
    return new SplineCouplingStage(this);
  }

  @Override
  public Map<String, Double> constants() {
    return Map.of("least", LEAST);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.spline(this);
  }
}
