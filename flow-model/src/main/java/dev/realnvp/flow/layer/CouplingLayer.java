package dev.realnvp.flow.layer;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A coupling (Dinh et al. 2017, Density estimation using Real NVP, section 3.2): some features are
 * kept, and each of the others is mapped by a function of itself, whose parameters are computed by
 * networks from the kept features and the context. The networks' input is the kept features, in
 * order, then the context.
 */
public abstract class CouplingLayer extends FlowLayer {

  @JsonProperty private final boolean[] kept;
  @JsonProperty private final List<Integer> hidden;
  @JsonProperty private final ConditionerKind conditioner;

  /**
   * @param context C, at least 0
   * @param kept for each feature, whether it is kept; at least one is, and one is not
   * @param hidden the sizes of the networks' hidden layers or blocks, at least one
   * @param conditioner how the networks are built; null, as in older models, for fully connected
   * @throws IllegalArgumentException if a value is out of range
   */
  CouplingLayer(int context, boolean[] kept, List<Integer> hidden, ConditionerKind conditioner) {
    super(kept.length, context);
    this.kept = kept.clone();
    this.hidden = List.copyOf(hidden);
    this.conditioner = conditioner == null ? ConditionerKind.MLP : conditioner;
    if (keptFeatures().length == 0 || changedFeatures().length == 0) {
      throw new IllegalArgumentException(
          "kept: got %s, expected at least one feature kept and one changed"
              .formatted(Arrays.toString(kept)));
    }
    if (hidden.isEmpty() || hidden.stream().anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(
          "hidden: got " + hidden + ", expected at least one size, each at least 1");
    }
    this.conditioner.require(this.hidden);
  }

  /** Whether each feature is kept. */
  public boolean[] kept() {
    return kept.clone();
  }

  /** The sizes of the networks' hidden layers or blocks. */
  public List<Integer> hidden() {
    return hidden;
  }

  /** How the networks are built. */
  public ConditionerKind conditioner() {
    return conditioner;
  }

  /** The indices of the kept features. */
  int[] keptFeatures() {
    return IntStream.range(0, kept.length).filter(i -> kept[i]).toArray();
  }

  /** The indices of the changed features. */
  int[] changedFeatures() {
    return IntStream.range(0, kept.length).filter(i -> !kept[i]).toArray();
  }

  /** Its networks, in the order of their parameters. */
  abstract List<Conditioner> conditioners();

  /** A network whose parameters' names have a prefix. */
  Conditioner conditioner(String prefix, int out) {
    return Conditioner.of(prefix, conditioner, keptFeatures().length + context(), hidden, out);
  }

  @Override
  ParamLayout layout() {
    return new ParamLayout(
        conditioners().stream().flatMap(network -> network.params().stream()).toList());
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof CouplingLayer that
        && Arrays.equals(kept, that.kept)
        && hidden.equals(that.hidden)
        && conditioner == that.conditioner;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), Arrays.hashCode(kept), hidden, conditioner);
  }
}
