package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.Features;
import dev.realnvp.engine.arrays.Floats;
import java.util.List;
import java.util.Map;

/**
 * A coupling by monotonic rational-quadratic splines (Durkan et al. 2019, Neural Spline Flows,
 * section 3.1 and appendix A.1). A changed feature x within {@code [-B, B]} falls into one of K
 * bins; in the bin with left end X, width w, lower end Y, height h, and derivatives d and d' at its
 * ends,
 *
 * <pre>
 * r = (x - X) / w,  s = h / w,  q = r (1 - r)
 * z = Y + h (s r^2 + d q) / (s + (d + d' - 2 s) q)
 * dz/dx = s^2 (d' r^2 + 2 s q + d (1 - r)^2) / (s + (d + d' - 2 s) q)^2
 * </pre>
 *
 * <p>Beyond, z is x, and the derivatives at {@code -B} and B are 1. The network's output for a
 * feature is K values for the widths, K for the heights and K - 1 for the inner derivatives: widths
 * and heights are 2 B times {@link #LEAST} plus what a softmax leaves of the rest, and a derivative
 * is {@code exp(3 tanh(u / 3))}, between 0.05 and 20, and 1 for u = 0. The paper has a softplus
 * there. Output p of changed feature j is number {@code p M + j}.
 *
 * @param context C, at least 0
 * @param kept for each feature, whether it is kept; at least one is, and one is not
 * @param hidden the sizes of the network's hidden layers or blocks, at least one
 * @param bins K, from 2 to 100
 * @param bound B, above 0
 * @param conditioner how the network is built
 */
public record SplineCoupling(
    int context,
    List<Boolean> kept,
    List<Integer> hidden,
    int bins,
    double bound,
    Conditioner.Kind conditioner)
    implements Coupling {

  /** The least width and height of a bin, as a share of the range. */
  public static final double LEAST = 1e-3;

  private static final int MOST_BINS = 100;

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public SplineCoupling {
    Coupling.require(context, kept, hidden, conditioner);
    if (bins < 2 || bins > MOST_BINS) {
      throw new IllegalArgumentException(
          "bins: got %d, expected from 2 to %d".formatted(bins, MOST_BINS));
    }
    if (!(bound > 0) || bound == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "bound: got %s, expected a number above 0".formatted(bound));
    }
    kept = List.copyOf(kept);
    hidden = List.copyOf(hidden);
  }

  @Override
  public List<Conditioner> conditioners() {
    return List.of(conditioner("", (3 * bins - 1) * transformedFeatures().length));
  }

  @Override
  public InvertibleStage stage() {
    return new Stage(this);
  }

  @Override
  public Map<String, Double> constants() {
    return Map.of("least", LEAST);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.spline(this);
  }

  /**
   * {@link SplineCoupling} on plain arrays. Parameter p of all changed features' values lies in one
   * piece, {@code [p size, (p + 1) size)} with {@code size = N M}, so that exponentials are flat
   * loops; what depends on the bin is computed value by value, in double.
   */
  private static final class Stage extends CouplingStage {

    /** Bounds the logarithm of a derivative. */
    private static final float STEEPEST = 3;

    /** Of so many elements the values of all bins fit a core's first cache. */
    private static final int PIECE = 512;

    private final int bins;
    private final double bound;

    /** What the softmax shares out. */
    private final double shared;

    private final Floats x = new Floats();
    private final Floats widths = new Floats();
    private final Floats heights = new Floats();
    private final Floats tanh = new Floats();
    private final Floats derivatives = new Floats();
    private final float[][] piece;
    private final Floats result = new Floats();
    private final Floats dz = new Floats();
    private final Floats dOut = new Floats();

    Stage(SplineCoupling layer) {
      super(layer);
      bins = layer.bins();
      bound = layer.bound();
      piece = new float[bins][PIECE];
      shared = 2 * bound * (1 - SplineCoupling.LEAST * bins);
    }

    /** The bin of a value, and its ends. */
    private static final class Bin {
      int index;
      double left;
      double width;
      double lower;
      double height;
      double first;
      double last;
    }

    @Override
    public void forward(Batch batch, boolean training) {
      int count = batch.rows();
      int size = run(batch);
      float[] values = x.array();
      float[] z = result.ensureCapacity(size);
      Bin bin = new Bin();
      for (int i = 0, row = 0; i < size; i++, row = row + 1 < count ? row + 1 : 0) {
        double value = values[i];
        if (!inside(value)) {
          z[i] = values[i];
          continue;
        }
        find(bin, i, size, widths.array(), value);
        double r = (value - bin.left) / bin.width;
        double s = bin.height / bin.width;
        double q = r * (1 - r);
        double below = s + (bin.first + bin.last - 2 * s) * q;
        z[i] = (float) (bin.lower + bin.height * (s * r * r + bin.first * q) / below);
        batch.logDet()[row] += logDerivative(bin, r, s, q, below);
      }
      leave(result, batch);
    }

    /** The root of the quadratic equation for r (appendix A.1, equations 6 to 8). */
    @Override
    public void inverse(Batch batch) {
      int count = batch.rows();
      int size = run(batch);
      float[] values = x.array();
      float[] back = result.ensureCapacity(size);
      Bin bin = new Bin();
      for (int i = 0, row = 0; i < size; i++, row = row + 1 < count ? row + 1 : 0) {
        double value = values[i];
        if (!inside(value)) {
          back[i] = values[i];
          continue;
        }
        find(bin, i, size, heights.array(), value);
        double s = bin.height / bin.width;
        double rise = value - bin.lower;
        double bend = bin.first + bin.last - 2 * s;
        double a = bin.height * (s - bin.first) + rise * bend;
        double b = bin.height * bin.first - rise * bend;
        double c = -s * rise;
        double r = 2 * c / (-b - Math.sqrt(Math.max(0, b * b - 4 * a * c)));
        back[i] = (float) (bin.left + r * bin.width);
        double q = r * (1 - r);
        batch.logDet()[row] -= logDerivative(bin, r, s, q, s + bend * q);
      }
      leave(result, batch);
    }

    private boolean inside(double value) {
      return value > -bound && value < bound;
    }

    /** {@code log dz/dx}, from the terms of the layer's equations. */
    private static double logDerivative(Bin bin, double r, double s, double q, double below) {
      double above = bin.last * r * r + 2 * s * q + bin.first * (1 - r) * (1 - r);
      return Math.log(s * s * above / (below * below));
    }

    /**
     * Gathers the changed features' x, and computes the shares of widths and heights, and the inner
     * derivatives.
     *
     * @return the number of values, N M
     */
    private int run(Batch batch) {
      int count = batch.rows();
      int size = count * transformed().length;
      Features.gather(batch.values().array(), transformed(), x.ensureCapacity(size), count);
      float[] out = outputs(batch).get(0).array();
      softmax(out, 0, widths, size);
      softmax(out, bins * size, heights, size);
      int inner = (bins - 1) * size;
      float[] t = tanh.ensureCapacity(inner);
      System.arraycopy(out, 2 * bins * size, t, 0, inner);
      Elementwise.tanh(t, 1 / STEEPEST, t, 0, inner);
      float[] d = derivatives.ensureCapacity(inner);
      Elementwise.expOfUnit(t, 1, d, 0, inner);
      for (int i = 0; i < inner; i++) {
        d[i] = d[i] * d[i] * d[i];
      }
      return size;
    }

    /** {@code to_k = exp(from_k) / sum exp(from)}, over the K values of each element. */
    private void softmax(float[] from, int at, Floats to, int size) {
      float[] shares = to.ensureCapacity((long) bins * size);
      for (int i = 0; i < size; i += PIECE) {
        int count = Math.min(PIECE, size - i);
        for (int k = 0; k < bins; k++) {
          System.arraycopy(from, at + k * size + i, piece[k], 0, count);
        }
        Elementwise.softmax(piece, count);
        for (int k = 0; k < bins; k++) {
          System.arraycopy(piece[k], 0, shares, k * size + i, count);
        }
      }
    }

    /** Finds the bin of a value, by its widths or by its heights. */
    private void find(Bin bin, int element, int size, float[] by, double value) {
      double end = -bound;
      int k = 0;
      int at = element;
      for (; k < bins - 1; k++, at += size) {
        double next = end + length(by[at]);
        if (value < next) {
          break;
        }
        end = next;
      }
      float[] other = by == widths.array() ? heights.array() : widths.array();
      double otherEnd = -bound;
      for (int j = 0, there = element; j < k; j++, there += size) {
        otherEnd += length(other[there]);
      }
      boolean byWidth = by == widths.array();
      bin.index = k;
      bin.left = byWidth ? end : otherEnd;
      bin.lower = byWidth ? otherEnd : end;
      bin.width = length(widths.array()[at]);
      bin.height = length(heights.array()[at]);
      bin.first = k == 0 ? 1 : derivatives.array()[at - size];
      bin.last = k == bins - 1 ? 1 : derivatives.array()[at];
    }

    private double length(float share) {
      return 2 * bound * SplineCoupling.LEAST + shared * share;
    }

    /**
     * With the objective {@code G = dz z - w log dz/dx} of one value, the derivatives of G by r, s,
     * h (s apart), d and d' follow from the layer's equations; then {@code dr = (dx - dX - r dw) /
     * w}, {@code ds = (dh - s dw) / w}. X and Y are sums of the widths and heights before, and
     * those are softmax shares.
     */
    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      int count = batch.rows();
      int size = count * transformed().length;
      float[] values = x.array();
      float[] slope = dz.ensureCapacity(size);
      Features.gather(batch.values().array(), transformed(), slope, count);
      float[] out = dOut.zeros((3 * bins - 1) * size);
      float[] dx = result.array();
      Bin bin = new Bin();
      for (int i = 0, row = 0; i < size; i++, row = row + 1 < count ? row + 1 : 0) {
        double value = values[i];
        if (!inside(value)) {
          dx[i] = slope[i];
          continue;
        }
        find(bin, i, size, widths.array(), value);
        double g = slope[i];
        double weight = batch.weight(row);
        double r = (value - bin.left) / bin.width;
        double s = bin.height / bin.width;
        double d = bin.first;
        double e = bin.last;
        double rest = 1 - r;
        double q = r * rest;
        double bend = d + e - 2 * s;
        double below = s + bend * q;
        double part = s * r * r + d * q;
        double above = e * r * r + 2 * s * q + d * rest * rest;
        double perBelow = 1 / below;
        double perAbove = weight / above;
        double turn = 1 - 2 * r;
        double twice = 2 * weight * perBelow;
        double scaled = g * bin.height * perBelow * perBelow;
        double byR =
            g * bin.width * s * s * above * perBelow * perBelow
                - perAbove * (2 * e * r + 2 * s * turn - 2 * d * rest)
                + twice * bend * turn;
        double byS =
            scaled * (r * r * below - part * (1 - 2 * q))
                - 2 * weight / s
                - perAbove * 2 * q
                + twice * (1 - 2 * q);
        double byFirst = scaled * q * (below - part) - perAbove * rest * rest + twice * q;
        double byLast = -scaled * part * q - perAbove * r * r + twice * q;
        double byLeft = -byR / bin.width;
        double byWidth = -(byR * r + byS * s) / bin.width;
        double byHeight = g * part * perBelow + byS / bin.width;
        dx[i] = (float) -byLeft;
        spread(out, 0, i, size, bin.index, byLeft, byWidth, widths.array());
        spread(out, bins, i, size, bin.index, g, byHeight, heights.array());
        if (bin.index > 0) {
          int at = (bin.index - 1) * size + i;
          out[2 * bins * size + at] = derivative(byFirst, at);
        }
        if (bin.index < bins - 1) {
          int at = bin.index * size + i;
          out[2 * bins * size + at] = derivative(byLast, at);
        }
      }
      if (needsInputGradient) {
        Features.scatter(dx, batch.values().array(), transformed(), count);
      }
      backward(0, dOut, batch, needsInputGradient);
    }

    /** The gradient by u, of a derivative {@code exp(3 tanh(u / 3))}. */
    private float derivative(double gradient, int at) {
      float t = tanh.array()[at];
      return (float) (gradient * derivatives.array()[at] * (1 - t * t));
    }

    /**
     * The gradients before the softmax: each bin before this one moves its end, and this one's own
     * length counts.
     */
    private void spread(
        float[] out,
        int piece,
        int element,
        int size,
        int index,
        double byEnd,
        double byLength,
        float[] shares) {
      double mean = 0;
      for (int k = 0, at = element; k < index; k++, at += size) {
        mean += shares[at] * byEnd;
      }
      mean += shares[index * size + element] * byLength;
      for (int k = 0; k < bins; k++) {
        int at = k * size + element;
        double own = k < index ? byEnd : k == index ? byLength : 0;
        out[piece * size + at] = (float) (shared * shares[at] * (own - mean));
      }
    }
  }
}
