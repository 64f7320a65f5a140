package dev.realnvp.flow;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What features are standardised by: {@code z_j = (x_j - mean_j) / scale_j}.
 *
 * @param mean of each feature, {@code [D]}, finite
 * @param scale of each feature, {@code [D]}, finite and above 0
 */
public record FeatureScaling(double[] mean, double[] scale) implements Serializable {

  /**
   * A feature whose deviation is less than this part of its mean takes some ten different values as
   * a float, or one.
   */
  private static final double RESOLUTION = 1e-6;

  /**
   * @throws IllegalArgumentException if a value is out of its range, or there are not as many
   */
  public FeatureScaling {
    if (mean.length != scale.length) {
      throw new IllegalArgumentException(
          "scale: got %d values, expected %d as of mean".formatted(scale.length, mean.length));
    }
    for (int j = 0; j < mean.length; j++) {
      if (!Double.isFinite(mean[j]) || !(scale[j] > 0 && scale[j] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "feature %d: got mean %s and scale %s, expected finite ones, and the scale above 0"
                .formatted(j, mean[j], scale[j]));
      }
    }
  }

  /**
   * By mean and standard deviation. A feature that is constant, or so nearly that floats do not
   * resolve how it varies, gets the scale 1: it is moved to 0 and not blown up to noise.
   */
  public static FeatureScaling of(Moments moments) {
    double[] scale = moments.deviation();
    for (int j : constant(moments)) {
      scale[j] = 1;
    }
    return new FeatureScaling(moments.mean(), scale);
  }

  /** The features, counted from 0, that {@link #of} takes for constant. */
  public static List<Integer> constant(Moments moments) {
    double[] mean = moments.mean();
    double[] deviation = moments.deviation();
    return IntStream.range(0, mean.length)
        .filter(j -> deviation[j] <= Math.max(RESOLUTION * Math.abs(mean[j]), Float.MIN_NORMAL))
        .boxed()
        .toList();
  }

  /**
   * {@code z_j}, as a float.
   *
   * @param x {@code [D]}
   */
  public float[] standardise(float[] x) {
    float[] z = new float[x.length];
    for (int j = 0; j < z.length; j++) {
      z[j] = (float) ((x[j] - mean[j]) / scale[j]);
    }
    return z;
  }
}
