package dev.realnvp.flow.layer;

import dev.realnvp.engine.Stage;
import java.util.List;
import java.util.Objects;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

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
 */
public final class SplineCouplingLayer extends CouplingLayer {

  /** The least width and height of a bin, as a share of the range. */
  public static final double LEAST = 1e-3;

  private static final int MOST_BINS = 100;

  @JsonProperty private final int bins;
  @JsonProperty private final double bound;

  /**
   * @param context C, at least 0
   * @param kept for each feature, whether it is kept; at least one is, and one is not
   * @param hidden the sizes of the network's hidden layers or blocks, at least one
   * @param bins K, from 2 to 100
   * @param bound B, above 0
   * @param conditioner how the network is built; null, as in older models, for fully connected
   * @throws IllegalArgumentException if a value is out of range
   */
  @JsonCreator
  public SplineCouplingLayer(
      @JsonProperty("context") int context,
      @JsonProperty("kept") boolean[] kept,
      @JsonProperty("hidden") List<Integer> hidden,
      @JsonProperty("bins") int bins,
      @JsonProperty("bound") double bound,
      @JsonProperty("conditioner") ConditionerKind conditioner) {
    super(context, kept, hidden, conditioner);
    if (bins < 2 || bins > MOST_BINS) {
      throw new IllegalArgumentException(
          "bins: got %d, expected from 2 to %d".formatted(bins, MOST_BINS));
    }
    if (!(bound > 0) || bound == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "bound: got %s, expected a number above 0".formatted(bound));
    }
    this.bins = bins;
    this.bound = bound;
  }

  /** One with a fully connected network. */
  public SplineCouplingLayer(
      int context, boolean[] kept, List<Integer> hidden, int bins, double bound) {
    this(context, kept, hidden, bins, bound, ConditionerKind.MLP);
  }

  /** K, the number of bins. */
  public int bins() {
    return bins;
  }

  /** B, beyond which a feature stays as it is. */
  public double bound() {
    return bound;
  }

  @Override
  List<Conditioner> conditioners() {
    return List.of(conditioner("", (3 * bins - 1) * changedFeatures().length));
  }

  @Override
  public Stage stage() {
    return new SplineCouplingStage(this);
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof SplineCouplingLayer that
        && bins == that.bins
        && bound == that.bound;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), bins, bound);
  }
}
