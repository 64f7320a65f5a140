package dev.realnvp.engine;

import dev.realnvp.engine.arrays.Floats;

/**
 * A layer on plain arrays: its mathematics, its buffers, and its place in the network's flat
 * vectors. For one thread at a time.
 *
 * <p>A stage's parameters are in the order that suits its loops. The trained ones start at {@link
 * #firstTrained()} in {@link #values()} and {@link #gradients()}. The others are apart from them
 * and start at {@link #firstUntrained()} in {@code values()}.
 */
public abstract class Stage {

  private Floats values;
  private Floats gradients;
  private int firstTrained;
  private int firstUntrained;

  /**
   * The place of each parameter in the layer's own flat vector: element i belongs to this stage's
   * parameter i. Empty without parameters.
   */
  public int[] layerIndices() {
    return new int[0];
  }

  /** Tells a loss how many values a row has. */
  public void width(int values) {}

  /** The number of trained parameters, which come first. */
  public int trainedCount() {
    return 0;
  }

  /**
   * The forward pass: replaces the batch's values by its own.
   *
   * @param training whether batch statistics are those of this batch, and a backward pass follows
   */
  public abstract void forward(Batch batch, boolean training);

  /**
   * The backward pass: writes the gradients of the sum of the losses, and replaces the batch's
   * {@code dLoss/doutput}, which it may overwrite, by {@code dLoss/dinput}.
   *
   * @param needsInputGradient whether {@code dLoss/dinput} is needed; not for the first trained
   *     stage
   */
  public abstract void backward(Batch batch, boolean needsInputGradient);

  void bind(Floats values, Floats gradients, int firstTrained, int firstUntrained) {
    this.values = values;
    this.gradients = gradients;
    this.firstTrained = firstTrained;
    this.firstUntrained = firstUntrained;
  }

  /** The network's parameters. */
  protected final Floats values() {
    return values;
  }

  /** The gradients, at the trained parameters' indices. */
  protected final Floats gradients() {
    return gradients;
  }

  /** The index of the first trained parameter. */
  protected final int firstTrained() {
    return firstTrained;
  }

  /** The index of the first parameter that is not trained. */
  protected final int firstUntrained() {
    return firstUntrained;
  }
}
