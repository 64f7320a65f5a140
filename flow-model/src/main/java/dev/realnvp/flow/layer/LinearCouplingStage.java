package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Elementwise;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.Gemm;
import dev.realnvp.engine.Matrix;
import java.util.List;

/** {@link LinearCouplingLayer} on plain arrays. */
final class LinearCouplingStage extends CouplingStage {

  private final Floats x = new Floats();
  private final Floats s = new Floats();
  private final Floats t = new Floats();
  private final Floats scale = new Floats();
  private final Floats result = new Floats();
  private final Floats sums = new Floats();
  private final Floats ones = new Floats();
  private final Floats dOut = new Floats();

  LinearCouplingStage(LinearCouplingLayer layer) {
    super(layer);
  }

  @Override
  public void forward(Batch batch, boolean training) {
    int size = run(batch, 1);
    float[] values = x.array();
    float[] factor = scale.array();
    float[] shift = t.array();
    float[] z = result.atLeast(size);
    for (int i = 0; i < size; i++) {
      z[i] = values[i] * factor[i] + shift[i];
    }
    leave(result, batch);
  }

  @Override
  public void inverse(Batch batch) {
    int size = run(batch, -1);
    float[] values = x.array();
    float[] factor = scale.array();
    float[] shift = t.array();
    float[] z = result.atLeast(size);
    for (int i = 0; i < size; i++) {
      z[i] = (values[i] - shift[i]) * factor[i];
    }
    leave(result, batch);
  }

  /**
   * Computes the changed features' x, s, t and {@code scale = exp(sign s)}, and {@code logDet +=
   * sign sum s}.
   *
   * @return the number of values, N M
   */
  private int run(Batch batch, int sign) {
    int count = batch.rows();
    int size = count * changed().length;
    Features.gather(batch.values().array(), changed(), x.atLeast(size), count);
    List<Floats> outputs = outputs(batch);
    System.arraycopy(outputs.get(0).array(), 0, s.atLeast(size), 0, size);
    int shift = networks() == 1 ? size : 0;
    System.arraycopy(outputs.get(networks() - 1).array(), shift, t.atLeast(size), 0, size);
    Elementwise.tanh(s.array(), 1, s.array(), 0, size);
    Elementwise.expOfUnit(s.array(), sign, scale.atLeast(size), 0, size);
    float[] sum = sums.atLeast(count);
    Gemm.sumRows(changed().length, count, Matrix.of(s, count), ones, sums, 0);
    double[] logDet = batch.logDet();
    for (int i = 0; i < count; i++) {
      logDet[i] += sign * sum[i];
    }
    return size;
  }

  /**
   * With {@code s = tanh(a)}, the row's weight w, and {@code dlogDet = -w} as in every negative
   * log-likelihood: {@code dx = dz exp(s), da = (dx x - w) (1 - s^2), dt = dz}.
   */
  @Override
  public void backward(Batch batch, boolean wanted) {
    int count = batch.rows();
    int size = count * changed().length;
    float[] dz = batch.values().array();
    float[] dx = result.array();
    float[] dt = t.array();
    float[] da = dOut.atLeast(2L * size);
    float[] values = x.array();
    float[] factor = scale.array();
    float[] tanh = s.array();
    Features.gather(dz, changed(), dt, count);
    for (int i = 0; i < size; i++) {
      dx[i] = dt[i] * factor[i];
      da[i] = (dx[i] * values[i] - 1f) * (1f - tanh[i] * tanh[i]);
    }
    if (batch.weighted()) {
      for (int i = 0; i < size; i++) {
        da[i] += (1f - batch.weight(i % count)) * (1f - tanh[i] * tanh[i]);
      }
    }
    if (wanted) {
      Features.scatter(dx, dz, changed(), count);
    }
    if (networks() == 1) {
      System.arraycopy(dt, 0, da, size, size);
      backward(0, dOut, batch, wanted);
    } else {
      backward(0, dOut, batch, wanted);
      backward(1, t, batch, wanted);
    }
  }
}
