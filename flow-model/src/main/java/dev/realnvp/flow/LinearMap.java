package dev.realnvp.flow;

/** The linear map that mixes the features after a coupling. */
public enum LinearMap {
  /** The permutation alone, if there is one. */
  PERMUTATION,

  /**
   * A trained one in LU form, which begins as the permutation; as the identity if there is none.
   */
  LU;

  /**
   * An LU form has D^2 weights. At 128 features it adds a fifth to what the couplings of the
   * default flow compute; at 768 it would treble that.
   */
  private static final int MOST_FEATURES_OF_LU = 128;

  /** The default: {@link #LU} of up to {@value #MOST_FEATURES_OF_LU} features. */
  public static LinearMap of(int features) {
    return features <= MOST_FEATURES_OF_LU ? LU : PERMUTATION;
  }
}
