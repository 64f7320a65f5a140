package dev.realnvp.engine;

/**
 * A layer on plain arrays: its mathematics, its buffers, and its place in the network's flat
 * vectors. For one thread at a time.
 *
 * <p>A stage's parameters stand in the order that suits its loops: first those that are trained,
 * from {@link #parameters()} on in {@link #values()} and {@link #gradients()}, and apart from them
 * those that are not, from {@link #statistics()} on in {@code values()}.
 */
public abstract class Stage {

  private Floats values;
  private Floats gradients;
  private int parameters;
  private int statistics;

  /**
   * Where each parameter stands in the layer's own flat vector: element i is that of this stage's
   * parameter i.
   */
  public abstract int[] order();

  /** How many of the parameters, the first ones, are trained. */
  public abstract int trained();

  /**
   * The way forth: takes the batch's values, and leaves its own.
   *
   * @param training whether batch statistics are those of this batch, and a way back follows
   */
  public abstract void forward(Batch batch, boolean training);

  /**
   * The way back: writes the gradients of the sum of the losses, and replaces the batch's {@code
   * dLoss/doutput}, which it may overwrite, by {@code dLoss/dinput}.
   *
   * @param wanted whether {@code dLoss/dinput} is needed; not before the first stage that is
   *     trained
   */
  public abstract void backward(Batch batch, boolean wanted);

  void bind(Floats values, Floats gradients, int parameters, int statistics) {
    this.values = values;
    this.gradients = gradients;
    this.parameters = parameters;
    this.statistics = statistics;
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
  protected final int parameters() {
    return parameters;
  }

  /** The index of the first parameter that is not trained. */
  protected final int statistics() {
    return statistics;
  }
}
