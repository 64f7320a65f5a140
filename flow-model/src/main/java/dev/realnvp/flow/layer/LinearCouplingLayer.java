package dev.realnvp.flow.layer;

import dev.realnvp.engine.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
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
 * <p>The networks are fully connected with ReLU between their layers, or one shared network whose
 * output is first s, then t. Their input is the kept features, in order, then the context. Their
 * output is for the changed features alone: the equation multiplies the rest by zero.
 */
public final class LinearCouplingLayer extends FlowLayer {

  @JsonProperty private final boolean[] kept;
  @JsonProperty private final List<Integer> hidden;
  @JsonProperty private final boolean sharedNetwork;

  /**
   * @param context C, at least 0
   * @param kept for each feature, whether it is kept; at least one is, and one is not
   * @param hidden the sizes of the hidden layers, at least one
   * @param sharedNetwork whether one network gives both scale and shift
   * @throws IllegalArgumentException if a value is out of range
   */
  @JsonCreator
  public LinearCouplingLayer(
      @JsonProperty("context") int context,
      @JsonProperty("kept") boolean[] kept,
      @JsonProperty("hidden") List<Integer> hidden,
      @JsonProperty("sharedNetwork") boolean sharedNetwork) {
    super(kept.length, context);
    this.kept = kept.clone();
    this.hidden = List.copyOf(hidden);
    this.sharedNetwork = sharedNetwork;
    if (keptFeatures().length == 0 || changedFeatures().length == 0) {
      throw new IllegalArgumentException(
          "kept: got %s, expected at least one feature kept and one changed"
              .formatted(Arrays.toString(kept)));
    }
    if (hidden.isEmpty() || hidden.stream().anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(
          "hidden: got " + hidden + ", expected at least one size, each at least 1");
    }
  }

  /** Whether each feature is kept. */
  public boolean[] kept() {
    return kept.clone();
  }

  /** The sizes of the hidden layers. */
  public List<Integer> hidden() {
    return hidden;
  }

  /** Whether one network gives both scale and shift. */
  public boolean sharedNetwork() {
    return sharedNetwork;
  }

  /** The indices of the kept features. */
  int[] keptFeatures() {
    return IntStream.range(0, kept.length).filter(i -> kept[i]).toArray();
  }

  /** The indices of the changed features. */
  int[] changedFeatures() {
    return IntStream.range(0, kept.length).filter(i -> !kept[i]).toArray();
  }

  /** The shared network; or one for the scale and one for the shift. */
  List<Conditioner> conditioners() {
    int in = keptFeatures().length + context();
    int changed = changedFeatures().length;
    return sharedNetwork
        ? List.of(new Conditioner("", sizes(in, 2 * changed)))
        : List.of(
            new Conditioner("scale", sizes(in, changed)),
            new Conditioner("shift", sizes(in, changed)));
  }

  private List<Integer> sizes(int in, int out) {
    List<Integer> sizes = new ArrayList<>(hidden);
    sizes.add(0, in);
    sizes.add(out);
    return sizes;
  }

  @Override
  ParamLayout layout() {
    return new ParamLayout(
        conditioners().stream().flatMap(network -> network.params().stream()).toList());
  }

  @Override
  public Stage stage() {
    return new LinearCouplingStage(this);
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof LinearCouplingLayer that
        && Arrays.equals(kept, that.kept)
        && hidden.equals(that.hidden)
        && sharedNetwork == that.sharedNetwork;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), Arrays.hashCode(kept), hidden, sharedNetwork);
  }
}
