package dev.realnvp.jobs;

import java.io.Serializable;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;

/** A distribution whose density is known, to measure a flow against. */
interface KnownDensity extends Serializable {

  /** Draws a row. */
  float[] draw(SplittableRandom random);

  /** {@code log p(x)}, in nats. */
  double logProb(float[] x);

  /** Two interleaved half circles of radius 1, with normal noise of deviation 0.1. */
  static KnownDensity moons() {
    return new NoisyCurves(
        Math.PI,
        0.1,
        angle -> new double[] {Math.cos(angle), Math.sin(angle)},
        angle -> new double[] {1 - Math.cos(angle), 0.5 - Math.sin(angle)});
  }

  /** Two circles around 0, of radius 1 and 2, with normal noise of deviation 0.15. */
  static KnownDensity rings() {
    return new NoisyCurves(
        2 * Math.PI,
        0.15,
        angle -> new double[] {Math.cos(angle), Math.sin(angle)},
        angle -> new double[] {2 * Math.cos(angle), 2 * Math.sin(angle)});
  }

  /**
   * Curves, each as likely, uniform in the angle, with normal noise:
   *
   * <pre>p(x) = mean over curves c and angles a of N(x; c(a), deviation^2 I)</pre>
   *
   * <p>The mean over angles is one over points that lie much closer than the noise is wide.
   */
  final class NoisyCurves implements KnownDensity {

    /** A curve by its angle. */
    interface Curve extends DoubleFunction<double[]>, Serializable {}

    private static final int POINTS = 2000;

    private final double length;
    private final double deviation;
    private final Curve[] curves;

    NoisyCurves(double length, double deviation, Curve... curves) {
      this.length = length;
      this.deviation = deviation;
      this.curves = curves;
    }

    @Override
    public float[] draw(SplittableRandom random) {
      double[] at = curves[random.nextInt(curves.length)].apply(length * random.nextDouble());
      return new float[] {
        (float) (at[0] + deviation * random.nextGaussian()),
        (float) (at[1] + deviation * random.nextGaussian())
      };
    }

    @Override
    public double logProb(float[] x) {
      double sum = 0;
      for (Curve curve : curves) {
        for (int i = 0; i < POINTS; i++) {
          double[] at = curve.apply(length * (i + 0.5) / POINTS);
          double squares = Math.pow(x[0] - at[0], 2) + Math.pow(x[1] - at[1], 2);
          sum += Math.exp(-squares / (2 * deviation * deviation));
        }
      }
      return Math.log(sum / (curves.length * POINTS) / (2 * Math.PI * deviation * deviation));
    }
  }

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
