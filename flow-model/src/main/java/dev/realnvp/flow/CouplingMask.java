package dev.realnvp.flow;

/** The features that a coupling keeps, and conditions the others on. */
public enum CouplingMask {
  /** Keeps features 1, 3, 5 and so on. */
  ODD,

  /** Keeps the first half, {@code D / 2} features, rounded down. */
  HALF;

  /**
   * The mask, true for the features that are kept.
   *
   * @param features D, at least 2
   */
  public boolean[] kept(int features) {
    if (features < 2) {
      throw new IllegalArgumentException(
          "features: got " + features + ", expected at least 2, one to keep and one to change");
    }
    boolean[] kept = new boolean[features];
    for (int i = 0; i < features; i++) {
      kept[i] = this == ODD ? i % 2 == 1 : i < features / 2;
    }
    return kept;
  }

  /**
   * The mask that keeps what this one changes.
   *
   * @param features D, at least 2
   */
  public boolean[] complement(int features) {
    boolean[] complement = kept(features);
    for (int i = 0; i < features; i++) {
      complement[i] = !complement[i];
    }
    return complement;
  }
}
