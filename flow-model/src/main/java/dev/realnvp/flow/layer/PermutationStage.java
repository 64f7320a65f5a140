package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.InvertibleStage;

/** {@link Permutation} on plain arrays. */
final class PermutationStage extends InvertibleStage {

  private final int[] order;
  private final Floats out = new Floats();
  private final Floats back = new Floats();

  PermutationStage(Permutation layer) {
    order = layer.order();
  }

  @Override
  public int[] order() {
    return new int[0];
  }

  @Override
  public int trained() {
    return 0;
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
