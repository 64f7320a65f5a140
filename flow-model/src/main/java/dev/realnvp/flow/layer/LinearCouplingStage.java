package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Elementwise;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.InvertibleStage;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@link LinearCouplingLayer} on plain arrays. With M changed features, their values, s, t and the
 * gradients there are arrays {@code [N, M]} without gaps, over which the loops run flat.
 */
final class LinearCouplingStage extends InvertibleStage {

  private final int features;
  private final int context;
  private final int[] kept;
  private final int[] changed;
  private final List<ConditionerStages> networks;

  private final Floats in = new Floats();
  private final Floats x = new Floats();
  private final Floats s = new Floats();
  private final Floats t = new Floats();
  private final Floats scale = new Floats();
  private final Floats result = new Floats();
  private final Floats rows = new Floats();
  private final Floats dA = new Floats();
  private final Floats dOut = new Floats();

  LinearCouplingStage(LinearCouplingLayer layer) {
    features = layer.features();
    context = layer.context();
    kept = layer.keptFeatures();
    changed = layer.changedFeatures();
    networks = layer.conditioners().stream().map(ConditionerStages::new).toList();
  }

  @Override
  public int[] order() {
    return IntStream.range(0, trained()).toArray();
  }

  @Override
  public int trained() {
    return networks.stream().mapToInt(ConditionerStages::size).sum();
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
   * The changed features' values x, s, t and {@code scale = exp(sign s)}, and {@code logDet += sign
   * sum s}.
   *
   * @return how many they are, N M
   */
  private int run(Batch batch, int sign) {
    int count = batch.rows();
    int size = count * changed.length;
    float[] from = batch.values().array();
    Strided.gather(from, features, changed, x.atLeast(size), count);
    networks(from, batch.context().array(), count);
    Elementwise.tanh(s.array(), 1, s.array(), 0, size);
    Elementwise.expOfUnit(s.array(), sign, scale.atLeast(size), 0, size);
    double[] logDet = batch.logDet();
    for (int i = 0; i < count; i++) {
      float sum = 0;
      for (int j = i * changed.length; j < (i + 1) * changed.length; j++) {
        sum += s.array()[j];
      }
      logDet[i] += sign * sum;
    }
    return size;
  }

  /** Runs the networks: s before tanh, and t. */
  private void networks(float[] from, float[] given, int count) {
    int width = kept.length + context;
    float[] inputs = in.atLeast((long) count * width);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < kept.length; j++) {
        inputs[i * width + j] = from[i * features + kept[j]];
      }
      System.arraycopy(given, i * context, inputs, i * width + kept.length, context);
    }
    int at = parameters();
    for (ConditionerStages network : networks) {
      at = network.bind(values(), gradients(), at);
    }
    Floats first = networks.get(0).forward(in, count);
    Floats last = networks.size() == 1 ? first : networks.get(1).forward(in, count);
    int m = changed.length;
    int columns = outputs();
    Strided.copy(first, columns, 0, s, m, 0, m, count);
    Strided.copy(last, columns, columns - m, t, m, 0, m, count);
  }

  /** Values a row that a network gives: s and t, or one of them. */
  private int outputs() {
    return 2 * changed.length / networks.size();
  }

  private void leave(Batch batch) {
    int size = batch.rows() * features;
    System.arraycopy(batch.values().array(), 0, rows.atLeast(size), 0, size);
    Strided.scatter(result.array(), rows.array(), features, changed, batch.rows());
    batch.values(rows);
  }

  /**
   * With a what tanh is taken of, and {@code dlogDet = -1} as in every negative log-likelihood:
   * {@code dx = dz exp(s), da = (dx x - 1) (1 - s^2), dt = dz}.
   */
  @Override
  public void backward(Batch batch, boolean wanted) {
    int count = batch.rows();
    int size = count * changed.length;
    float[] dz = batch.values().array();
    float[] dx = result.array();
    float[] dt = t.array();
    float[] da = dA.atLeast(size);
    float[] values = x.array();
    float[] factor = scale.array();
    float[] tanh = s.array();
    Strided.gather(dz, features, changed, dt, count);
    for (int i = 0; i < size; i++) {
      dx[i] = dt[i] * factor[i];
      da[i] = (dx[i] * values[i] - 1f) * (1f - tanh[i] * tanh[i]);
    }
    if (wanted) {
      Strided.scatter(dx, dz, features, changed, count);
    }
    networksBack(batch, wanted ? kept.length : 0);
  }

  /** Adds the networks' gradients at the kept features to the batch's. */
  private void networksBack(Batch batch, int columns) {
    int count = batch.rows();
    int m = changed.length;
    if (networks.size() == 1) {
      Strided.copy(dA, m, 0, dOut, 2 * m, 0, m, count);
      Strided.copy(t, m, 0, dOut, 2 * m, m, m, count);
      add(networks.get(0).backward(dOut, count, columns), batch);
    } else {
      add(networks.get(0).backward(dA, count, columns), batch);
      add(networks.get(1).backward(t, count, columns), batch);
    }
  }

  private void add(Floats dKept, Batch batch) {
    if (dKept != null) {
      Strided.scatterAdd(dKept.array(), batch.values().array(), features, kept, batch.rows());
    }
  }
}
