package dev.realnvp.flow;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The standardisation of features: {@code z_j = (x_j - mean_j) / scale_j}.
 *
 * @param mean of each feature, {@code [D]}, finite
 * @param scale of each feature, {@code [D]}, finite and above 0
 */
public record FeatureScaling(double[] mean, double[] scale) implements Serializable {

  /**
   * A feature whose deviation is less than this fraction of its mean has some ten distinct values
   * as a float, or one.
   */
  private static final double RESOLUTION = 1e-6;

  /**
   * @throws IllegalArgumentException if a value is out of range, or the lengths differ
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
   * Standardises by mean and standard deviation. A feature that is constant, or too nearly constant
   * for floats to resolve, gets the scale 1: it is shifted to 0 and not amplified to noise.
   */
  public static FeatureScaling of(Moments moments) {
    double[] scale = moments.deviation();
    for (int j : constant(moments)) {
      scale[j] = 1;
    }
    return new FeatureScaling(moments.mean(), scale);
  }

  /** The features, counted from 0, that {@link #of} treats as constant. */
  public static List<Integer> constant(Moments moments) {
    double[] mean = moments.mean();
    double[] deviation = moments.deviation();
    return IntStream.range(0, mean.length)
        .filter(j -> deviation[j] <= Math.max(RESOLUTION * Math.abs(mean[j]), Float.MIN_NORMAL))
        .boxed()
        .toList();
  }

  /**
   * Noise of the same standard deviation for each feature, {@code [D]}, but none for those that are
   * {@link #constant}; empty if it is 0.
   */
  public static double[] noise(Moments moments, double deviation) {
    if (deviation == 0) {
      return new double[0];
    }
    double[] noise = new double[moments.mean().length];
    Arrays.fill(noise, deviation);
    constant(moments).forEach(j -> noise[j] = 0);
    return noise;
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
