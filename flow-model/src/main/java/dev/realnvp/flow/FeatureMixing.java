package dev.realnvp.flow;

/** What mixes the features after a coupling. */
public enum FeatureMixing {
  /** The permutation alone, if there is one. */
  PERMUTATION,

  /** A trained linear map, which begins as the permutation; as the identity if there is none. */
  LINEAR
}
