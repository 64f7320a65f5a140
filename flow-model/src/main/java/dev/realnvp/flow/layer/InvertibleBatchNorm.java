package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.Floats;
import java.util.Map;

/**
 * Batch normalization as an invertible map (Dinh et al. 2017, Density estimation using Real NVP,
 * section 3.7 and appendix E), per feature:
 *
 * <pre>
 * z = (x - mean) / sqrt(var + eps) * exp(logGamma) + beta
 * log |det dz/dx| = sum_j (logGamma_j - log(var_j + eps) / 2)
 * </pre>
 *
 * <p>with eps = 1e-5. In training, mean and var are those of the batch (var with denominator N -
 * 1), and the gradient flows through both, in z and in the log-determinant. Otherwise, and for a
 * batch of one row, they are the running statistics, which each training batch updates: {@code
 * running = 0.9 running + 0.1 batch}. The running statistics are parameters that are not trained,
 * so they are saved and averaged with the others.
 *
 * @param features D, at least 1
 * @param context C, carried through
 */
public record InvertibleBatchNorm(int features, int context) implements Transform {

  /** The term that is added to a variance. */
  public static final double EPSILON = 1e-5;

  private static final double MOMENTUM = 0.9;

  /** The name of the running variances, {@code [D]}, at least 0. */
  public static final String VARIANCE = "var";

  /**
   * @throws IllegalArgumentException if a size is out of its range
   */
  public InvertibleBatchNorm {
    FlowRowLayout.requireSizes(features, context);
  }

  @Override
  public ParamLayout layout() {
    long[] shape = {features};
    return ParamLayout.of(
        new ParamLayout.Param("logGamma", shape, ParamLayout.constant(0), true),
        new ParamLayout.Param("beta", shape, ParamLayout.constant(0), true),
        new ParamLayout.Param("mean", shape, ParamLayout.constant(0), false),
        new ParamLayout.Param(VARIANCE, shape, ParamLayout.constant(1), false));
  }

  @Override
  public InvertibleStage stage() {
    return new Stage(this);
  }

  @Override
  public Map<String, Double> constants() {
    return Map.of("epsilon", EPSILON);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.batchNorm(this);
  }

  /**
   * {@link InvertibleBatchNorm} on plain arrays. Its parameters are logGamma and beta, its
   * statistics the running mean and variance. Rows are stored column by column.
   */
  private static final class Stage extends Kernel {

    private final int features;
    private final Floats normal = new Floats();
    private final Floats out = new Floats();
    private final Floats back = new Floats();
    private final double[] mean;
    private final double[] variance;
    private boolean ofBatch;

    Stage(InvertibleBatchNorm transform) {
      super(transform);
      features = transform.features;
      mean = new double[features];
      variance = new double[features];
    }

    @Override
    public void forward(Batch batch, boolean training) {
      int rows = batch.rows();
      float[] x = batch.values().array();
      ofBatch = training && rows > 1;
      if (ofBatch) {
        statisticsOf(x, rows);
        moveRunning();
      } else {
        takeRunning();
      }
      float[] n = normal.ensureCapacity((long) rows * features);
      float[] z = out.ensureCapacity((long) rows * features);
      for (int j = 0; j < features; j++) {
        int from = j * rows;
        map(x, mean[j], rate(j), 0, n, from, from + rows);
        map(n, 0, Math.exp(logGamma(j)), beta(j), z, from, from + rows);
      }
      addLogDet(batch, logDet());
      batch.values(out);
    }

    @Override
    public void inverse(Batch batch) {
      takeRunning();
      int rows = batch.rows();
      float[] x = back.ensureCapacity((long) rows * features);
      for (int j = 0; j < features; j++) {
        double scale = Math.exp(-logGamma(j)) / rate(j);
        int from = j * rows;
        map(batch.values().array(), beta(j), scale, mean[j], x, from, from + rows);
      }
      addLogDet(batch, -logDet());
      batch.values(back);
    }

    /** {@code y = (x - before) scale + after}; the difference first, because it may be small. */
    private static void map(
        float[] x, double before, double scale, double after, float[] y, int from, int to) {
      float less = (float) before;
      float times = (float) scale;
      float more = (float) after;
      for (int i = from; i < to; i++) {
        y[i] = (x[i] - less) * times + more;
      }
    }

    private double logDet() {
      double sum = 0;
      for (int j = 0; j < features; j++) {
        sum += logGamma(j) + Math.log(rate(j));
      }
      return sum;
    }

    private double logGamma(int feature) {
      return trained(feature);
    }

    private double beta(int feature) {
      return trained(features + feature);
    }

    private double rate(int feature) {
      return 1 / Math.sqrt(variance[feature] + EPSILON);
    }

    private void statisticsOf(float[] x, int rows) {
      for (int j = 0; j < features; j++) {
        double sum = 0;
        for (int i = j * rows; i < (j + 1) * rows; i++) {
          sum += x[i];
        }
        mean[j] = sum / rows;
        double squares = 0;
        for (int i = j * rows; i < (j + 1) * rows; i++) {
          double off = x[i] - mean[j];
          squares += off * off;
        }
        variance[j] = squares / (rows - 1);
      }
    }

    private void takeRunning() {
      for (int j = 0; j < features; j++) {
        mean[j] = untrained(j);
        variance[j] = untrained(features + j);
      }
    }

    private void moveRunning() {
      float[] values = values().array();
      for (int j = 0; j < features; j++) {
        values[firstUntrained() + j] = moved(values[firstUntrained() + j], mean[j]);
        int at = firstUntrained() + features + j;
        values[at] = moved(values[at], variance[j]);
      }
      Elementwise.flush(values, firstUntrained(), firstUntrained() + 2 * features);
    }

    private static float moved(float running, double batch) {
      return (float) (running - (1 - MOMENTUM) * (running - batch));
    }

    /**
     * With n = (x - mean) rate, its gradient dn, sums over the N rows, and S the sum of
     * dLoss/dlogDet, where logDet depends on the variance by -log(var + eps) / 2:
     *
     * <pre>
     * dx = rate (dn - sum(dn) / N - n (sum(dn n) + S) / (N - 1))
     * </pre>
     *
     * <p>and {@code dx = rate dn} if mean and variance are constants.
     */
    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      int rows = batch.rows();
      float[] dz = batch.values().array();
      float[] n = normal.array();
      float[] dx = back.ensureCapacity((long) rows * features);
      // The losses' gradient with respect to a row's log-determinant is -w, with its weight w.
      double total = batch.totalWeight();
      for (int j = 0; j < features; j++) {
        int from = j * rows;
        int to = from + rows;
        double dBeta = 0;
        double along = 0;
        for (int i = from; i < to; i++) {
          dBeta += dz[i];
          along += dz[i] * n[i];
        }
        double gamma = Math.exp(logGamma(j));
        double dLogGamma = gamma * along - total;
        gradients().array()[firstTrained() + j] = (float) dLogGamma;
        gradients().array()[firstTrained() + features + j] = (float) dBeta;
        float factor = (float) (rate(j) * gamma);
        float shift = ofBatch ? (float) (rate(j) * gamma * dBeta / rows) : 0;
        float slope = ofBatch ? (float) (rate(j) * dLogGamma / (rows - 1)) : 0;
        for (int i = from; i < to; i++) {
          dx[i] = factor * dz[i] - shift - slope * n[i];
        }
      }
      batch.values(back);
    }
  }
}
