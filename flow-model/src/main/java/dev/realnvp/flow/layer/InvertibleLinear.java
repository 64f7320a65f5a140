package dev.realnvp.flow.layer;

import dev.realnvp.engine.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

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
 * are part of the configuration and saved with it. L is lower triangular with ones on its diagonal,
 * U is strictly upper triangular. L, U and logS are trained. They are one parameter {@code lu},
 * {@code [D, D]}: its element {@code [i, j]} is that of L below the diagonal, logS_i on it, and
 * that of U above it. It is 0 at first, so that W begins as P times the signs; Glow's begins as a
 * random rotation.
 */
public final class InvertibleLinear extends FlowLayer {

  static final String LU = "lu";

  @JsonProperty private final int[] order;
  @JsonProperty private final int[] sign;

  /**
   * @param context C, carried through
   * @param order of P, each of 0 to D - 1 once
   * @param sign of each diagonal element, 1 or -1
   * @throws IllegalArgumentException if the order is not a permutation, or the signs are not D
   *     numbers of 1 or -1
   */
  @JsonCreator
  public InvertibleLinear(
      @JsonProperty("context") int context,
      @JsonProperty("order") int[] order,
      @JsonProperty("sign") int[] sign) {
    super(order.length, context);
    Permutation.requirePermutation(order);
    if (sign.length != order.length || IntStream.of(sign).anyMatch(s -> s != 1 && s != -1)) {
      throw new IllegalArgumentException(
          "sign: got %s, expected %d numbers, each 1 or -1"
              .formatted(Arrays.toString(sign), order.length));
    }
    this.order = order.clone();
    this.sign = sign.clone();
  }

  /** A map that begins as this permutation. */
  public static InvertibleLinear of(Permutation permutation) {
    int[] ones = new int[permutation.features()];
    Arrays.fill(ones, 1);
    return new InvertibleLinear(permutation.context(), permutation.order(), ones);
  }

  /** The index in v of each feature of P v. */
  public int[] order() {
    return order.clone();
  }

  /** The signs of the diagonal elements. */
  public int[] sign() {
    return sign.clone();
  }

  @Override
  ParamLayout layout() {
    long[] shape = {features(), features()};
    return new ParamLayout(
        List.of(new ParamLayout.Param(LU, shape, ParamLayout.constant(0), true)));
  }

  @Override
  public Stage stage() {
    return new InvertibleLinearStage(this);
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof InvertibleLinear that
        && Arrays.equals(order, that.order)
        && Arrays.equals(sign, that.sign);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), Arrays.hashCode(order), Arrays.hashCode(sign));
  }
}
