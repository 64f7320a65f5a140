package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.engine.arrays.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A trained scale and shift of each feature, the identity at first. Without the context it is the
 * activation norm of Glow (Kingma and Dhariwal 2018, section 3.1):
 *
 * <pre>
 * z_j = x_j exp(s_j) + b_j
 * log |det dz/dx| = sum_j s_j
 * </pre>
 *
 * <p>Glow sets s and b by a first minibatch; here features are standardised, so the identity is
 * near enough. Given the context c, {@code [C]},
 *
 * <pre>
 * s_j = a_j + 3 tanh((S c)_j / 3),  b_j = d_j + (B c)_j
 * </pre>
 *
 * <p>with S and B of {@code [C, D]}. So a context changes a scale by a factor of 20 at most:
 * numbers may be of any magnitude, and exp of a multiple of them would soon overflow. In front of a
 * standard normal that makes the base distribution a Gaussian per class, or one whose means and
 * deviations follow from the numbers that are given.
 *
 * @param features D, at least 1
 * @param context C, at least 0; at least 1 if it is conditional
 * @param conditional whether scales and shifts depend on the context
 */
public record ElementwiseAffine(int features, int context, boolean conditional)
    implements Transform {

  /** What the context may add to a log-scale. */
  static final float LIMIT = 3;

  /**
   * @throws IllegalArgumentException if a size is out of its range
   */
  public ElementwiseAffine {
    FlowRowLayout.requireSizes(features, context);
    if (conditional && context < 1) {
      throw new IllegalArgumentException(
          "context: got %d, expected at least 1 for scales that depend on it".formatted(context));
    }
  }

  /** {@code a} and {@code d}, then S and B if it is conditional; all 0 at first. */
  @Override
  public ParamLayout layout() {
    List<ParamLayout.Param> params = new ArrayList<>();
    params.add(param("logScale", features));
    params.add(param("shift", features));
    if (conditional) {
      params.add(param("contextLogScale", context, features));
      params.add(param("contextShift", context, features));
    }
    return new ParamLayout(params);
  }

  private static ParamLayout.Param param(String name, long... shape) {
    return new ParamLayout.Param(name, shape, ParamLayout.constant(0), true);
  }

  @Override
  public InvertibleStage stage() {
    return new Stage(this);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.elementwise(this);
  }

  /**
   * {@link ElementwiseAffine} on plain arrays. Its parameters are in the layer's order. S and B lie
   * one after the other there, each column by column, so they are the rows of one matrix, {@code [2
   * D, C]}. Rows are stored column by column.
   */
  private static final class Stage extends Kernel {

    private final int features;
    private final int given;
    private final Floats shifts = new Floats();
    private final Floats scales = new Floats();
    private final Floats units = new Floats();
    private final Floats sums = new Floats();
    private final Floats out = new Floats();
    private final Floats back = new Floats();
    private final Floats dOut = new Floats();
    private final Floats ones = new Floats();
    private Floats x;

    Stage(ElementwiseAffine transform) {
      super(transform);
      features = transform.features();
      given = transform.conditional() ? transform.context() : 0;
    }

    @Override
    public void forward(Batch batch, boolean training) {
      x = batch.values();
      int size = run(batch, 1);
      float[] values = x.array();
      float[] scale = scales.array();
      float[] shift = shifts.array();
      float[] z = out.ensureCapacity(size);
      for (int i = 0; i < size; i++) {
        z[i] = values[i] * scale[i] + shift[size + i];
      }
      batch.values(out);
    }

    @Override
    public void inverse(Batch batch) {
      int size = run(batch, -1);
      float[] values = batch.values().array();
      float[] scale = scales.array();
      float[] shift = shifts.array();
      float[] result = back.ensureCapacity(size);
      for (int i = 0; i < size; i++) {
        result[i] = (values[i] - shift[size + i]) / scale[i];
      }
      batch.values(back);
    }

    /**
     * Computes {@code t = tanh(S c / 3)} and then b, {@code [2 D, N]}, and {@code exp(s)}, and adds
     * {@code sign sum_j s_j} to the log-determinants.
     *
     * @return the number of values, N D
     */
    private int run(Batch batch, int sign) {
      int rows = batch.rows();
      int size = rows * features;
      float[] scale = scales.ensureCapacity(size);
      float[] tanh = shifts.zeros(2 * size);
      double sum = 0;
      for (int j = 0; j < features; j++) {
        float a = trained(j);
        Arrays.fill(scale, j * rows, (j + 1) * rows, (float) Math.exp(a));
        sum += a;
        float d = trained(features + j);
        Arrays.fill(tanh, size + j * rows, size + (j + 1) * rows, d);
      }
      addLogDet(batch, sign * sum);
      if (given > 0) {
        Matrix both = Matrix.of(shifts, rows);
        Matrix condition = Matrix.of(batch.condition(), rows);
        Gemm.add(2 * features, rows, given, weights(values()), condition, both);
        Elementwise.tanh(tanh, 1 / ElementwiseAffine.LIMIT, tanh, 0, size);
        float[] unit = units.ensureCapacity(size);
        Elementwise.expOfUnit(tanh, 1, unit, 0, size);
        for (int i = 0; i < size; i++) {
          scale[i] *= unit[i] * unit[i] * unit[i];
        }
        float[] sumOfRow = sums.ensureCapacity(rows);
        Gemm.sumRows(features, rows, both, ones, sums, 0);
        for (int i = 0; i < rows; i++) {
          batch.logDet()[i] += sign * ElementwiseAffine.LIMIT * sumOfRow[i];
        }
      }
      return size;
    }

    private Matrix weights(Floats data) {
      return Matrix.at(data, firstTrained() + 2 * features, given);
    }

    /**
     * With the row's weight w, and {@code dlogDet = -w}: {@code dx = dz exp(s), ds = dx x - w, db =
     * dz}, and with {@code u = S c, du = ds (1 - t^2)}.
     */
    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      int rows = batch.rows();
      int size = rows * features;
      float[] dz = batch.values().array();
      float[] values = x.array();
      float[] scale = scales.array();
      float[] dx = back.ensureCapacity(size);
      float[] both = dOut.ensureCapacity(2L * size);
      for (int i = 0; i < size; i++) {
        dx[i] = dz[i] * scale[i];
        both[i] = dx[i] * values[i] - batch.weight(i % rows);
      }
      System.arraycopy(dz, 0, both, size, size);
      Matrix ofBoth = Matrix.of(dOut, rows);
      Gemm.sumColumns(2 * features, rows, ofBoth, ones, gradients(), firstTrained());
      if (given > 0) {
        float[] tanh = shifts.array();
        for (int i = 0; i < size; i++) {
          both[i] *= 1 - tanh[i] * tanh[i];
        }
        Matrix condition = Matrix.of(batch.condition(), rows);
        Gemm.multiply(2 * features, given, rows, ofBoth, condition.t(), weights(gradients()));
        if (batch.conditionGradient() != null) {
          Matrix ofCondition = Matrix.of(batch.conditionGradient(), rows);
          Gemm.add(given, rows, 2 * features, weights(values()).t(), ofBoth, ofCondition);
        }
      }
      batch.values(back);
    }
  }
}
