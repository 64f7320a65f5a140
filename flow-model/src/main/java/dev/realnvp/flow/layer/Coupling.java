package dev.realnvp.flow.layer;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A coupling (Dinh et al. 2017, Density estimation using Real NVP, section 3.2): some features are
 * kept, and each of the others is mapped by a function of itself, whose parameters are computed by
 * networks from the kept features and the context. The networks' input is the kept features, in
 * order, then the context.
 */
public sealed interface Coupling extends Transform permits AffineCoupling, SplineCoupling {

  /** Whether each feature is kept. */
  List<Boolean> kept();

  /** The sizes of the networks' hidden layers or blocks. */
  List<Integer> hidden();

  /** How the networks are built. */
  Conditioner.Kind conditioner();

  /** Its networks, in the order of their parameters. */
  List<Conditioner> conditioners();

  /**
   * @throws IllegalArgumentException if a component is out of range
   */
  static void require(
      int context, List<Boolean> kept, List<Integer> hidden, Conditioner.Kind conditioner) {
    FlowRowLayout.requireSizes(kept.size(), context);
    if (!kept.contains(true) || !kept.contains(false)) {
      throw new IllegalArgumentException(
          "kept: got %s, expected at least one feature kept and one changed".formatted(kept));
    }
    if (hidden.isEmpty() || hidden.stream().anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(
          "hidden: got " + hidden + ", expected at least one size, each at least 1");
    }
    conditioner.require(hidden);
  }

  /** The indices of the kept features. */
  default int[] identityFeatures() {
    return IntStream.range(0, features()).filter(kept()::get).toArray();
  }

  /** The indices of the changed features. */
  default int[] transformedFeatures() {
    return IntStream.range(0, features()).filter(i -> !kept().get(i)).toArray();
  }

  /** A network whose parameters' names have a prefix. */
  default Conditioner conditioner(String prefix, int out) {
    return Conditioner.of(
        prefix, conditioner(), identityFeatures().length + context(), hidden(), out);
  }

  @Override
  default int features() {
    return kept().size();
  }

  @Override
  default ParamLayout layout() {
    return new ParamLayout(
        conditioners().stream().flatMap(network -> network.params().stream()).toList());
  }
}
