package dev.realnvp.flow.layer;

import dev.realnvp.engine.InvertibleStage;
import java.util.Collections;
import java.util.List;

/**
 * A trained linear map of the features, by its LU decomposition (Kingma and Dhariwal 2018, Glow:
 * Generative Flow with Invertible 1x1 Convolutions, section 3.2):
 *
 * <pre>
 * z = W x,  W = P L (U + diag(sign exp(logS)))
 * log |det dz/dx| = sum_j logS_j
 * </pre>
 *
 * <p>P is a fixed permutation, {@code (P v)_i = v_order(i)}, and each sign is fixed, 1 or -1; both
 * are saved with the model. L is lower triangular with ones on its diagonal, U is strictly upper
 * triangular. L, U and logS are trained. They are one parameter {@code lu}, {@code [D, D]}: its
 * element {@code [i, j]} is that of L below the diagonal, logS_i on it, and that of U above it. It
 * is 0 at first, so that W begins as P times the signs; Glow's begins as a random rotation.
 *
 * @param context C, carried through
 * @param order of P, the index in v of each feature of P v: each of 0 to D - 1 once
 * @param sign of each diagonal element, 1 or -1
 */
public record InvertibleLinear(int context, List<Integer> order, List<Integer> sign)
    implements Transform {

  /**
   * @throws IllegalArgumentException if the order is not a permutation, or the signs are not D
   *     numbers of 1 or -1
   */
  public InvertibleLinear {
    FlowRowLayout.requireSizes(order.size(), context);
    Permutation.requirePermutation(order);
    if (sign.size() != order.size() || sign.stream().anyMatch(s -> s != 1 && s != -1)) {
      throw new IllegalArgumentException(
          "sign: got %s, expected %d numbers, each 1 or -1".formatted(sign, order.size()));
    }
    order = List.copyOf(order);
    sign = List.copyOf(sign);
  }

  /** A map that begins as this permutation. */
  public static InvertibleLinear of(Permutation permutation) {
    return new InvertibleLinear(
        permutation.context(), permutation.order(), Collections.nCopies(permutation.features(), 1));
  }

  @Override
  public int features() {
    return order.size();
  }

  @Override
  public ParamLayout layout() {
    long[] shape = {features(), features()};
    return ParamLayout.of(new ParamLayout.Param("lu", shape, ParamLayout.constant(0), true));
  }

  @Override
  public InvertibleStage stage() {
    return new InvertibleLinearStage(this);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.linear(this);
  }
}
