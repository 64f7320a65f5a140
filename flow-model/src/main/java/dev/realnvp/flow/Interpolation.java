package dev.realnvp.flow;

import java.util.Arrays;

/**
 * Rows on a path from one row to another, through base space. With weights t from 0 to 1 of the
 * other row, the images z_0 and z_1 of both rows in base space under contexts c_0 and c_1, and the
 * angle a between them,
 *
 * <pre>
 *   c(t) = (1 - t) c_0 + t c_1
 *   r(t) = (1 - t) |z_0| + t |z_1|
 *   z(t) = r(t) (sin((1 - t) a) z_0 / |z_0| + sin(t a) z_1 / |z_1|) / sin(a)
 *   x(t) = f^-1(z(t); c(t))
 * </pre>
 *
 * <p>So z follows a great circle (Shoemake 1985, Animating rotation with quaternion curves; for
 * generative models White 2016, Sampling generative networks), and its length changes evenly. Most
 * of a standard normal's mass in D dimensions is near the length sqrt(D). The middle of a straight
 * line is nearer to 0, where rows are very rare.
 *
 * @param weights t of each row, {@code [N]}
 * @param values x of each row, {@code [N, D]}
 * @param logProb {@code log p(x | c)} of each row, in nats, {@code [N]}; under a mixture of two
 *     contexts that is the density of no class
 */
public record Interpolation(double[] weights, float[][] values, double[] logProb) {

  /** A smaller sine does not determine a great circle's direction. */
  private static final double PARALLEL = 1e-6;

  /**
   * A row, {@code [D]}.
   *
   * @param label its class, from 0; ignored, and may be null, for a flow without classes
   */
  public record End(float[] x, Integer label) {}

  /**
   * The path from one row to another.
   *
   * @param steps N, at least 2: both ends are among the rows
   */
  public static Interpolation between(RealNVP flow, End from, End to, int steps) {
    FlowEngine engine = FlowEngine.of(flow);
    int features = flow.features();
    int classes = flow.context();
    float[] ends = Arrays.copyOf(from.x(), 2 * features);
    System.arraycopy(to.x(), 0, ends, features, features);
    engine.base(
        ends,
        classes == 0
            ? Context.NONE
            : new Context.Classes(new int[] {from.label(), to.label()}, classes),
        2);
    double[] z0 = doubles(ends, 0, features);
    double[] z1 = doubles(ends, features, features);
    double[] weights = new double[steps];
    float[] path = new float[steps * features];
    float[] contexts = new float[steps * classes];
    for (int i = 0; i < steps; i++) {
      weights[i] = i / (steps - 1.0);
      double[] z = onCircle(z0, z1, weights[i]);
      for (int j = 0; j < features; j++) {
        path[i * features + j] = (float) z[j];
      }
      if (classes > 0) {
        contexts[i * classes + from.label()] += (float) (1 - weights[i]);
        contexts[i * classes + to.label()] += (float) weights[i];
      }
    }
    double[] logProb = new double[steps];
    engine.samples(path, new Context.Values(contexts, classes), logProb);
    float[][] values = new float[steps][];
    for (int i = 0; i < steps; i++) {
      values[i] = Arrays.copyOfRange(path, i * features, (i + 1) * features);
    }
    return new Interpolation(weights, values, logProb);
  }

  /** The values one row after the other, {@code [N, D]}. */
  public float[] rowMajor() {
    int features = values[0].length;
    float[] all = new float[values.length * features];
    for (int i = 0; i < values.length; i++) {
      System.arraycopy(values[i], 0, all, i * features, features);
    }
    return all;
  }

  /** z(t); on the straight line if the angle is 0 or half a turn, which determine no circle. */
  static double[] onCircle(double[] from, double[] to, double t) {
    double fromLength = length(from);
    double toLength = length(to);
    double cosine = dot(from, to) / (fromLength * toLength);
    double angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
    // NaN if a length is 0.
    if (!(Math.sin(angle) > PARALLEL)) {
      return mix(from, to, 1 - t, t);
    }
    double length = (1 - t) * fromLength + t * toLength;
    return mix(
        from,
        to,
        length * Math.sin((1 - t) * angle) / Math.sin(angle) / fromLength,
        length * Math.sin(t * angle) / Math.sin(angle) / toLength);
  }

  private static double length(double[] vector) {
    return Math.sqrt(dot(vector, vector));
  }

  private static double dot(double[] one, double[] other) {
    double sum = 0;
    for (int j = 0; j < one.length; j++) {
      sum += one[j] * other[j];
    }
    return sum;
  }

  private static double[] mix(double[] from, double[] to, double ofFrom, double ofTo) {
    double[] mixed = new double[from.length];
    for (int j = 0; j < mixed.length; j++) {
      mixed[j] = ofFrom * from[j] + ofTo * to[j];
    }
    return mixed;
  }

  private static double[] doubles(float[] values, int from, int count) {
    double[] doubles = new double[count];
    for (int j = 0; j < count; j++) {
      doubles[j] = values[from + j];
    }
    return doubles;
  }
}
