package dev.realnvp.flow;

/** The linear map that mixes the features after a coupling. */
public enum LinearMap {
  /** The permutation alone, if there is one. */
  PERMUTATION,

  /**
   * A trained one in LU form, which begins as the permutation; as the identity if there is none.
   */
  LU
}
