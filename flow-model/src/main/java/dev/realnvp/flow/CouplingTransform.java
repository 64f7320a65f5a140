package dev.realnvp.flow;

/** What a coupling does with the features that it changes. */
public enum CouplingTransform {
  /** A scale and a shift. */
  AFFINE,

  /** A monotonic rational-quadratic spline. */
  SPLINE
}
