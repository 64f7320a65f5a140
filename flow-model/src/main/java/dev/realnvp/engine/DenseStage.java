package dev.realnvp.engine;

import dev.realnvp.engine.arrays.Floats;
import java.util.stream.IntStream;

/** A dense layer, {@code y = act(x W + b)}; see {@link Affine}. */
public class DenseStage extends Stage {

  private final int in;
  private final int out;
  private final Affine affine;
  private int[] inputOrder;
  private int[] outputOrder;
  private Floats x;

  /**
   * @param in input values per row
   * @param out output values per row
   * @param rectified whether ReLU follows
   */
  public DenseStage(int in, int out, boolean rectified) {
    this.in = in;
    this.out = out;
    this.affine = new Affine(in, out, rectified, Affine.Order.ROWS);
    this.inputOrder = IntStream.range(0, in).toArray();
    this.outputOrder = IntStream.range(0, out).toArray();
  }

  /** Sets which of the layer's inputs each input of this stage is. */
  void inputOrder(int[] order) {
    inputOrder = order;
  }

  /** Sets which of the layer's outputs each output of this stage is. */
  void outputOrder(int[] order) {
    outputOrder = order;
  }

  @Override
  public int[] layerIndices() {
    int[] order = new int[affine.size()];
    int at = 0;
    for (int o : outputOrder) {
      for (int i : inputOrder) {
        order[at++] = o * in + i;
      }
    }
    for (int o : outputOrder) {
      order[at++] = in * out + o;
    }
    return order;
  }

  @Override
  public int trainedCount() {
    return affine.size();
  }

  @Override
  public void forward(Batch batch, boolean training) {
    affine.bind(values(), gradients(), firstTrained());
    x = batch.values();
    batch.values(affine.forward(x, batch.rows()));
  }

  @Override
  public void backward(Batch batch, boolean needsInputGradient) {
    Floats dy = batch.values();
    affine.backward(x, dy, batch.rows());
    if (needsInputGradient) {
      batch.values(affine.inputGradient(dy, batch.rows(), in));
    }
  }
}
