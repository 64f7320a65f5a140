package dev.realnvp.flow;

import java.util.List;
import java.util.stream.IntStream;

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
  public List<Boolean> kept(int features) {
    if (features < 2) {
      throw new IllegalArgumentException(
          "features: got " + features + ", expected at least 2, one to keep and one to change");
    }
    return IntStream.range(0, features)
        .mapToObj(i -> this == ODD ? i % 2 == 1 : i < features / 2)
        .toList();
  }

  /**
   * The mask that keeps what this one changes.
   *
   * @param features D, at least 2
   */
  public List<Boolean> complement(int features) {
    return kept(features).stream().map(keep -> !keep).toList();
  }
}
