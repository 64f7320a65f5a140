package dev.realnvp.flow;

/** What the transforms of a flow map rows to. */
public enum BaseDistribution {
  /** The standard normal. */
  NORMAL,

  /**
   * A normal one with a mean and a deviation per feature, which are those of the class, or follow
   * from the numbers that the flow is given. It is the standard normal behind one more transform,
   * {@link dev.realnvp.flow.layer.ElementwiseAffine}.
   */
  CONDITIONAL
}
