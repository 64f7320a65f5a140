package dev.realnvp.flow;

import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The base distribution: independent features of mean 0 and variance 1. */
public final class StandardNormal {

  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

  private StandardNormal() {}

  /**
   * {@code log p(z) = -(|z|^2 + D log(2 pi)) / 2}, in nats.
   *
   * @param z {@code [N, D]}
   * @return {@code [N]}
   */
  public static INDArray logProb(INDArray z) {
    return z.mul(z).sum(1).addi(z.size(1) * LOG_TWO_PI).muli(-0.5);
  }

  /** The same of one row, D values of an array from an index on. */
  public static double logProb(float[] z, int from, int features) {
    double squares = 0;
    for (int j = from; j < from + features; j++) {
      squares += (double) z[j] * z[j];
    }
    return -(squares + features * LOG_TWO_PI) / 2;
  }

  /**
   * Draws rows; the same state of the generator gives the same rows.
   *
   * @param count N, at least 1
   * @param features D
   * @param random where the draws come from
   * @param dataType the result's
   * @return {@code [N, D]}
   */
  public static INDArray sample(
      int count, int features, RandomGenerator random, DataType dataType) {
    double[] values = new double[Math.multiplyExact(count, features)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Nd4j.createFromArray(values).reshape('c', count, features).castTo(dataType);
  }
}
