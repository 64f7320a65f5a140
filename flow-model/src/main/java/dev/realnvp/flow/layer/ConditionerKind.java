package dev.realnvp.flow.layer;

import java.util.List;

/** How the networks of a coupling are built. */
public enum ConditionerKind {
  /** Fully connected layers with ReLU between them, one hidden layer per size. */
  MLP,

  /** Residual blocks between two affine maps, one block per size; all sizes are equal. */
  RESIDUAL;

  /**
   * Refuses sizes that such a network cannot have.
   *
   * @throws IllegalArgumentException if it is residual, and the sizes differ
   */
  public void require(List<Integer> hidden) {
    if (!takes(hidden)) {
      throw new IllegalArgumentException(
          "hidden: got " + hidden + ", expected equal sizes for residual conditioners");
    }
  }

  /** Whether such a network can have these sizes. */
  public boolean takes(List<Integer> hidden) {
    return this == MLP || hidden.stream().distinct().count() == 1;
  }
}
