package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Elementwise;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.Gemm;
import dev.realnvp.engine.Matrix;
import java.util.Arrays;

/**
 * {@link ElementwiseAffine} on plain arrays. Its parameters are in the layer's order. S and B lie
 * one after the other there, each column by column, so they are the rows of one matrix, {@code [2
 * D, C]}. Rows are stored column by column.
 */
final class ElementwiseAffineStage extends Kernel {

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

  ElementwiseAffineStage(ElementwiseAffine transform) {
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
    float[] z = out.atLeast(size);
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
    float[] result = back.atLeast(size);
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
    float[] scale = scales.atLeast(size);
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
      float[] unit = units.atLeast(size);
      Elementwise.expOfUnit(tanh, 1, unit, 0, size);
      for (int i = 0; i < size; i++) {
        scale[i] *= unit[i] * unit[i] * unit[i];
      }
      float[] sumOfRow = sums.atLeast(rows);
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
  public void backward(Batch batch, boolean wanted) {
    int rows = batch.rows();
    int size = rows * features;
    float[] dz = batch.values().array();
    float[] values = x.array();
    float[] scale = scales.array();
    float[] dx = back.atLeast(size);
    float[] both = dOut.atLeast(2L * size);
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
