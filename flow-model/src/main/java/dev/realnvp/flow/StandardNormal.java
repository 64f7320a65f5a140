package dev.realnvp.flow;

/** The base distribution: independent features of mean 0 and variance 1. */
public final class StandardNormal {

  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

  private StandardNormal() {}

  /**
   * {@code log p(z) = -(|z|^2 + D log(2 pi)) / 2} of one row, in nats.
   *
   * @param z the values of rows, one after the other
   * @param from the index of the row's first value
   * @param features D
   */
  public static double logProb(float[] z, int from, int features) {
    double squares = 0;
    for (int j = from; j < from + features; j++) {
      squares += (double) z[j] * z[j];
    }
    return -(squares + features * LOG_TWO_PI) / 2;
  }
}
