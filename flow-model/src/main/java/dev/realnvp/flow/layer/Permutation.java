package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A fixed permutation of the features, so that the next coupling keeps other features: {@code z_i =
 * x_order(i)}, {@code log |det dz/dx| = 0} (Dinh et al. 2017, Density estimation using Real NVP,
 * section 3.5, with a random order instead of an alternating mask). The order is part of the
 * configuration and saved with it.
 */
public final class Permutation extends FlowLayer {

  @JsonProperty private final int[] order;

  /**
   * @param context C, carried through
   * @param order each of 0 to D - 1 once
   * @throws IllegalArgumentException if it is not a permutation
   */
  @JsonCreator
  public Permutation(@JsonProperty("context") int context, @JsonProperty("order") int... order) {
    super(order.length, context);
    requirePermutation(order);
    this.order = order.clone();
  }

  /**
   * @throws IllegalArgumentException if the numbers are not each of 0 to their count - 1 once
   */
  static void requirePermutation(int... order) {
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < sorted.length; i++) {
      if (sorted[i] != i) {
        throw new IllegalArgumentException(
            "order: got %s, expected each of 0 to %d once"
                .formatted(Arrays.toString(order), order.length - 1));
      }
    }
  }

  /** A uniformly drawn permutation of {@code features} (Fisher and Yates). */
  public static Permutation random(int features, int context, RandomGenerator random) {
    int[] order = new int[features];
    for (int i = 0; i < features; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return new Permutation(context, order);
  }

  /** The permutation that leaves the features where they are. */
  public static Permutation identity(int features, int context) {
    return new Permutation(context, IntStream.range(0, features).toArray());
  }

  /** The index in x of each feature of z. */
  public int[] order() {
    return order.clone();
  }

  @Override
  ParamLayout layout() {
    return new ParamLayout(List.of());
  }

  @Override
  public Stage stage() {
    return new PermutationStage(this);
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other) && Arrays.equals(order, ((Permutation) other).order);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Arrays.hashCode(order);
  }

  /** {@link Permutation} on plain arrays. */
  private static final class PermutationStage extends InvertibleStage {

    private final int[] order;
    private final Floats out = new Floats();
    private final Floats back = new Floats();

    PermutationStage(Permutation layer) {
      order = layer.order();
    }

    @Override
    public void forward(Batch batch, boolean training) {
      float[] to = out.atLeast((long) batch.rows() * order.length);
      Features.gather(batch.values().array(), order, to, batch.rows());
      batch.values(out);
    }

    @Override
    public void inverse(Batch batch) {
      float[] to = back.atLeast((long) batch.rows() * order.length);
      Features.scatter(batch.values().array(), to, order, batch.rows());
      batch.values(back);
    }

    @Override
    public void backward(Batch batch, boolean wanted) {
      inverse(batch);
    }
  }
}
