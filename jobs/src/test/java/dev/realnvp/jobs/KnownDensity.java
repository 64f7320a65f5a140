package dev.realnvp.jobs;

import java.io.Serializable;
import java.util.SplittableRandom;

/** A distribution whose density is known, to measure a flow against. */
interface KnownDensity extends Serializable {

  /** Draws a row. */
  float[] draw(SplittableRandom random);

  /** {@code log p(x)}, in nats. */
  double logProb(float[] x);

  /** Independent normal features around each of several centres, each as likely. */
  record Mixture(double[][] mean, double[][] deviation) implements KnownDensity {

    /**
     * Centres that are drawn from a normal distribution of deviation 3, and deviations below 1.5.
     */
    static Mixture random(int components, int features, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      double[][] mean = new double[components][features];
      double[][] deviation = new double[components][features];
      for (int k = 0; k < components; k++) {
        for (int j = 0; j < features; j++) {
          mean[k][j] = 3 * random.nextGaussian();
          deviation[k][j] = random.nextDouble(0.5, 1.5);
        }
      }
      return new Mixture(mean, deviation);
    }

    @Override
    public float[] draw(SplittableRandom random) {
      int k = random.nextInt(mean.length);
      float[] row = new float[mean[k].length];
      for (int j = 0; j < row.length; j++) {
        row[j] = (float) (mean[k][j] + deviation[k][j] * random.nextGaussian());
      }
      return row;
    }

    @Override
    public double logProb(float[] x) {
      double[] terms = new double[mean.length];
      double most = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < terms.length; k++) {
        terms[k] = -Math.log(mean.length);
        for (int j = 0; j < x.length; j++) {
          double z = (x[j] - mean[k][j]) / deviation[k][j];
          terms[k] -= (z * z + Math.log(2 * Math.PI)) / 2 + Math.log(deviation[k][j]);
        }
        most = Math.max(most, terms[k]);
      }
      double sum = 0;
      for (double term : terms) {
        sum += Math.exp(term - most);
      }
      return most + Math.log(sum);
    }
  }

  /**
   * A normal distribution whose features hang together as neighbours, and are of very different
   * sizes: {@code x_j = size_j y_j}, {@code y_j = r y_(j-1) + sqrt(1 - r^2) e_j}, e_j ~ N(0, 1),
   * the sizes from 0.001 to 1000.
   *
   * @param features D
   * @param correlation r, of neighbours
   */
  record Chain(int features, double correlation) implements KnownDensity {

    private double size(int feature) {
      return Math.pow(10, -3 + 6.0 * feature / (features - 1));
    }

    private double spread(int feature) {
      return feature == 0 ? 1 : Math.sqrt(1 - correlation * correlation);
    }

    @Override
    public float[] draw(SplittableRandom random) {
      float[] row = new float[features];
      double y = 0;
      for (int j = 0; j < features; j++) {
        y = correlation * y + spread(j) * random.nextGaussian();
        row[j] = (float) (size(j) * y);
      }
      return row;
    }

    @Override
    public double logProb(float[] x) {
      double logProb = 0;
      double before = 0;
      for (int j = 0; j < features; j++) {
        double y = x[j] / size(j);
        double e = (y - correlation * before) / spread(j);
        logProb -= (e * e + Math.log(2 * Math.PI)) / 2 + Math.log(spread(j) * size(j));
        before = y;
      }
      return logProb;
    }
  }
}
