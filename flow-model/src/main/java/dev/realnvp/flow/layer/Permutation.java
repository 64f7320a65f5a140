package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.arrays.Features;
import dev.realnvp.engine.arrays.Floats;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A fixed permutation of the features, so that the next coupling keeps other features: {@code z_i =
 * x_order(i)}, {@code log |det dz/dx| = 0} (Dinh et al. 2017, Density estimation using Real NVP,
 * section 3.5, with a random order instead of an alternating mask). The order is saved with the
 * model.
 *
 * @param context C, carried through
 * @param order the index in x of each feature of z: each of 0 to D - 1 once
 */
public record Permutation(int context, List<Integer> order) implements Transform {

  /**
   * @throws IllegalArgumentException if it is not a permutation
   */
  public Permutation {
    FlowRowLayout.requireSizes(order.size(), context);
    requirePermutation(order);
    order = List.copyOf(order);
  }

  /**
   * @throws IllegalArgumentException if the numbers are not each of 0 to their count - 1 once
   */
  static void requirePermutation(List<Integer> order) {
    List<Integer> sorted = order.stream().sorted().toList();
    if (!sorted.equals(IntStream.range(0, order.size()).boxed().toList())) {
      throw new IllegalArgumentException(
          "order: got %s, expected each of 0 to %d once".formatted(order, order.size() - 1));
    }
  }

  /** A uniformly drawn permutation of {@code features} (Fisher and Yates). */
  public static Permutation random(int features, int context, RandomGenerator random) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < features; i++) {
      int j = random.nextInt(i + 1);
      order.add(i);
      order.set(i, order.get(j));
      order.set(j, i);
    }
    return new Permutation(context, order);
  }

  /** The permutation that leaves the features where they are. */
  public static Permutation identity(int features, int context) {
    return new Permutation(context, IntStream.range(0, features).boxed().toList());
  }

  @Override
  public int features() {
    return order.size();
  }

  @Override
  public ParamLayout layout() {
    return ParamLayout.of();
  }

  @Override
  public InvertibleStage stage() {
    return new Stage(this);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.permutation(this);
  }

  /** {@link Permutation} on plain arrays. */
  private static final class Stage extends Kernel {

    private final int[] order;
    private final Floats out = new Floats();
    private final Floats back = new Floats();

    Stage(Permutation transform) {
      super(transform);
      order = Features.indices(transform.order);
    }

    @Override
    public void forward(Batch batch, boolean training) {
      float[] to = out.ensureCapacity((long) batch.rows() * order.length);
      Features.gather(batch.values().array(), order, to, batch.rows());
      batch.values(out);
    }

    @Override
    public void inverse(Batch batch) {
      float[] to = back.ensureCapacity((long) batch.rows() * order.length);
      Features.scatter(batch.values().array(), to, order, batch.rows());
      batch.values(back);
    }

    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      inverse(batch);
    }
  }
}
