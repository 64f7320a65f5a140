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
}
