package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Elementwise;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.Gemm;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.Matrix;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@link LinearCouplingLayer} on plain arrays. Rows are stored column by column, so the M changed
 * features are gathered by complete columns into arrays without gaps, for flat loops.
 */
final class LinearCouplingStage extends InvertibleStage {

  private final int features;
  private final int context;
  private final int[] kept;
  private final int[] changed;
  private final List<Conditioner.Stages> networks;

  private final Floats in = new Floats();
  private final Floats x = new Floats();
  private final Floats s = new Floats();
  private final Floats t = new Floats();
  private final Floats scale = new Floats();
  private final Floats result = new Floats();
  private final Floats rows = new Floats();
  private final Floats sums = new Floats();
  private final Floats ones = new Floats();
  private final Floats dOut = new Floats();

  LinearCouplingStage(LinearCouplingLayer layer) {
    features = layer.features();
    context = layer.context();
    kept = layer.keptFeatures();
    changed = layer.changedFeatures();
    networks = layer.conditioners().stream().map(Conditioner.Stages::new).toList();
  }

  @Override
  public int[] layerIndices() {
    return IntStream.range(0, trainedCount()).toArray();
  }

  @Override
  public int trainedCount() {
    return networks.stream().mapToInt(Conditioner.Stages::size).sum();
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
    leave(batch);
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
    leave(batch);
  }

  /**
   * Computes the changed features' x, s, t and {@code scale = exp(sign s)}, and {@code logDet +=
   * sign sum s}.
   *
   * @return the number of values, N M
   */
  private int run(Batch batch, int sign) {
    int count = batch.rows();
    int size = count * changed.length;
    Features.gather(batch.values().array(), changed, x.atLeast(size), count);
    networks(batch, count, size);
    Elementwise.tanh(s.array(), 1, s.array(), 0, size);
    Elementwise.expOfUnit(s.array(), sign, scale.atLeast(size), 0, size);
    float[] sum = sums.atLeast(count);
    Gemm.sumRows(changed.length, count, Matrix.of(s, count), ones, sums, 0);
    double[] logDet = batch.logDet();
    for (int i = 0; i < count; i++) {
      logDet[i] += sign * sum[i];
    }
    return size;
  }

  /** Runs the networks: s before tanh, and t. */
  private void networks(Batch batch, int count, int size) {
    float[] inputs = in.atLeast((long) count * (kept.length + context));
    Features.gather(batch.values().array(), kept, inputs, count);
    System.arraycopy(batch.context().array(), 0, inputs, kept.length * count, context * count);
    int at = firstTrained();
    for (Conditioner.Stages network : networks) {
      at = network.bind(values(), gradients(), at);
    }
    Floats first = networks.get(0).forward(in, count);
    Floats last = networks.size() == 1 ? first : networks.get(1).forward(in, count);
    System.arraycopy(first.array(), 0, s.atLeast(size), 0, size);
    int shift = networks.size() == 1 ? size : 0;
    System.arraycopy(last.array(), shift, t.atLeast(size), 0, size);
  }

  private void leave(Batch batch) {
    int size = batch.rows() * features;
    System.arraycopy(batch.values().array(), 0, rows.atLeast(size), 0, size);
    Features.scatter(result.array(), rows.array(), changed, batch.rows());
    batch.values(rows);
  }

  /**
   * With {@code s = tanh(a)}, the row's weight w, and {@code dlogDet = -w} as in every negative
   * log-likelihood: {@code dx = dz exp(s), da = (dx x - w) (1 - s^2), dt = dz}.
   */
  @Override
  public void backward(Batch batch, boolean wanted) {
    int count = batch.rows();
    int size = count * changed.length;
    float[] dz = batch.values().array();
    float[] dx = result.array();
    float[] dt = t.array();
    float[] da = dOut.atLeast(2L * size);
    float[] values = x.array();
    float[] factor = scale.array();
    float[] tanh = s.array();
    Features.gather(dz, changed, dt, count);
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
      Features.scatter(dx, dz, changed, count);
    }
    int columns = wanted ? kept.length : 0;
    if (networks.size() == 1) {
      System.arraycopy(dt, 0, da, size, size);
      add(networks.get(0).backward(dOut, count, columns), batch);
    } else {
      add(networks.get(0).backward(dOut, count, columns), batch);
      add(networks.get(1).backward(t, count, columns), batch);
    }
  }

  /** Adds a network's gradients at the kept features to the batch's. */
  private void add(Floats dKept, Batch batch) {
    if (dKept != null) {
      Features.add(dKept.array(), batch.values().array(), kept, batch.rows());
    }
  }
}
