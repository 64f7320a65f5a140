package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.Gemm;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.Matrix;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * {@link ElementwiseAffine} on plain arrays. Its parameters are in the layer's order. S and B lie
 * one after the other there, each column by column, so they are the rows of one matrix, {@code [2
 * D, C]}. Rows are stored column by column.
 */
final class ElementwiseAffineStage extends InvertibleStage {

  private final int features;
  private final int given;
  private final Floats sb = new Floats();
  private final Floats scales = new Floats();
  private final Floats out = new Floats();
  private final Floats back = new Floats();
  private final Floats dOut = new Floats();
  private final Floats ones = new Floats();
  private Floats x;

  ElementwiseAffineStage(ElementwiseAffine layer) {
    features = layer.features();
    given = layer.conditional() ? layer.context() : 0;
  }

  @Override
  public int[] layerIndices() {
    return IntStream.range(0, trainedCount()).toArray();
  }

  @Override
  public int trainedCount() {
    return 2 * features * (1 + given);
  }

  @Override
  public void forward(Batch batch, boolean training) {
    x = batch.values();
    int size = run(batch, 1);
    float[] values = x.array();
    float[] scale = scales.array();
    float[] shift = sb.array();
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
    float[] shift = sb.array();
    float[] result = back.atLeast(size);
    for (int i = 0; i < size; i++) {
      result[i] = (values[i] - shift[size + i]) * scale[i];
    }
    batch.values(back);
  }

  /**
   * Computes s and then b, {@code [2 D, N]}, and {@code exp(sign s)}, and adds {@code sign sum_j
   * s_j} to the log-determinants.
   *
   * @return the number of values, N D
   */
  private int run(Batch batch, int sign) {
    int rows = batch.rows();
    int size = rows * features;
    float[] both = sb.atLeast(2L * size);
    float[] scale = scales.atLeast(size);
    double[] logDet = batch.logDet();
    for (int j = 0; j < 2 * features; j++) {
      Arrays.fill(both, j * rows, (j + 1) * rows, values().array()[firstTrained() + j]);
    }
    if (given > 0) {
      Matrix condition = Matrix.of(batch.condition(), rows);
      Gemm.add(2 * features, rows, given, weights(values()), condition, Matrix.of(sb, rows));
      for (int i = 0; i < size; i++) {
        scale[i] = (float) Math.exp(sign * both[i]);
        logDet[i % rows] += sign * both[i];
      }
      return size;
    }
    double sum = 0;
    for (int j = 0; j < features; j++) {
      double s = values().array()[firstTrained() + j];
      Arrays.fill(scale, j * rows, (j + 1) * rows, (float) Math.exp(sign * s));
      sum += s;
    }
    for (int i = 0; i < rows; i++) {
      logDet[i] += sign * sum;
    }
    return size;
  }

  private Matrix weights(Floats data) {
    return Matrix.at(data, firstTrained() + 2 * features, given);
  }

  /**
   * With the row's weight w, and {@code dlogDet = -w}: {@code dx = dz exp(s), ds = dx x - w, db =
   * dz}.
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
    Gemm.sumColumns(2 * features, rows, Matrix.of(dOut, rows), ones, gradients(), firstTrained());
    if (given > 0) {
      Matrix condition = Matrix.of(batch.condition(), rows);
      Matrix ofOut = Matrix.of(dOut, rows);
      Gemm.multiply(2 * features, given, rows, ofOut, condition.t(), weights(gradients()));
      if (batch.conditionGradient() != null) {
        Matrix ofCondition = Matrix.of(batch.conditionGradient(), rows);
        Gemm.add(given, rows, 2 * features, weights(values()).t(), ofOut, ofCondition);
      }
    }
    batch.values(back);
  }
}
