package dev.realnvp.flow;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.RowArrays;
import dev.realnvp.engine.StageSequence;

/**
 * Computes a {@link RealNVP}'s densities and samples on plain float arrays, row-major, with a copy
 * of its parameters. For one thread at a time. Arrays of wrong sizes are refused with an {@link
 * IllegalArgumentException}.
 */
public final class FlowEngine {

  /**
   * Rows at once, chosen by measurement: with fewer the products are slower, and more do not fit
   * the cache.
   */
  private static final int BLOCK = 224;

  private final int features;
  private final int context;
  private final StageSequence sequence;
  private final Batch batch = new Batch();

  private FlowEngine(RealNVP flow, StageSequence sequence) {
    features = flow.features();
    context = flow.context();
    this.sequence = sequence;
  }

  /** The engine of a flow. */
  public static FlowEngine of(RealNVP flow) {
    return new FlowEngine(flow, StageSequence.of(flow.network()).orElseThrow());
  }

  /** D, the number of features. */
  public int features() {
    return features;
  }

  /** C, the number of context values per row. */
  public int context() {
    return context;
  }

  /**
   * {@code log p(x | context)}, in nats.
   *
   * @param x {@code [N, D]}
   * @param context of each row, C values wide; ignored if C is 0
   * @param logProb {@code [N]}, the result
   */
  public void logProb(float[] x, Context context, double[] logProb) {
    require(x, context, logProb.length);
    for (int from = 0; from < logProb.length; from += BLOCK) {
      int rows = Math.min(BLOCK, logProb.length - from);
      load(x, context, from, rows);
      sequence.forward(batch, false);
      for (int i = 0; i < rows; i++) {
        logProb[from + i] = -batch.losses()[i];
      }
    }
  }

  /**
   * Base to data: {@code x = f^-1(u; context)} in place of u, with {@code log p(x | context)} if u
   * is drawn from the base.
   *
   * @param u {@code [N, D]}, replaced by x
   * @param context as in {@link #logProb}
   * @param logProb {@code [N]}, the result: {@code log N(u; 0, I) - log |det dx/du|}, in nats
   */
  public void samples(float[] u, Context context, double[] logProb) {
    require(u, context, logProb.length);
    for (int from = 0; from < logProb.length; from += BLOCK) {
      int rows = Math.min(BLOCK, logProb.length - from);
      load(u, context, from, rows);
      sequence.inverse(batch);
      for (int i = 0; i < rows; i++) {
        logProb[from + i] =
            StandardNormal.logProb(u, (from + i) * features, features) - batch.logDet()[i];
      }
      store(u, from, rows);
    }
  }

  /**
   * Data to base: {@code z = f(x; context)} in place of x.
   *
   * @param x {@code [N, D]}, replaced by z
   * @param context as in {@link #logProb}
   * @param count N
   */
  public void base(float[] x, Context context, int count) {
    require(x, context, count);
    for (int from = 0; from < count; from += BLOCK) {
      int rows = Math.min(BLOCK, count - from);
      load(x, context, from, rows);
      sequence.forward(batch, 0, sequence.stages().size() - 1);
      store(x, from, rows);
    }
  }

  /**
   * {@code d log p(x | context) / dx} in place of x, in nats per unit of the feature.
   *
   * @param x {@code [N, D]}, replaced by the gradients
   * @param context as in {@link #logProb}
   * @param count N
   */
  public void gradients(float[] x, Context context, int count) {
    require(x, context, count);
    for (int from = 0; from < count; from += BLOCK) {
      int rows = Math.min(BLOCK, count - from);
      load(x, context, from, rows);
      sequence.inputGradients(batch);
      store(x, from, rows);
    }
    for (int i = 0; i < x.length; i++) {
      x[i] = -x[i];
    }
  }

  /**
   * The largest {@code |f^-1(f(x)) - x|} of each row; 0 for a row without a finite density, which
   * floats cannot represent in base space.
   *
   * @param x {@code [N, D]}
   * @param context as in {@link #logProb}
   * @param count N
   */
  public double[] roundTripErrors(float[] x, Context context, int count) {
    require(x, context, count);
    double[] errors = new double[count];
    for (int from = 0; from < count; from += BLOCK) {
      int rows = Math.min(BLOCK, count - from);
      load(x, context, from, rows);
      sequence.forward(batch, false);
      sequence.inverse(batch);
      float[] back = batch.values().array();
      for (int i = 0; i < rows * features; i++) {
        if (!Double.isFinite(batch.losses()[i % rows])) {
          continue;
        }
        int row = from + i % rows;
        float error = Math.abs(back[i] - x[row * features + i / rows]);
        errors[row] = Math.max(errors[row], error);
      }
    }
    return errors;
  }

  private void require(float[] x, Context given, int rows) {
    RowArrays.require("x", x.length, rows, features);
    if (context > 0) {
      if (given.width() != context) {
        throw new IllegalArgumentException(
            "context: got %d values per row, expected %d".formatted(given.width(), context));
      }
      given.requireRows(rows);
    }
  }

  private void load(float[] values, Context given, int from, int rows) {
    batch.rows(rows);
    RowArrays.columns(values, features, rows, i -> from + i, batch.inputs());
    if (context > 0) {
      given.load(rows, i -> from + i, batch);
    }
  }

  /** Copies the batch's values as rows, from a row on. */
  private void store(float[] rowsTo, int from, int rows) {
    float[] columns = batch.values().array();
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < features; j++) {
        rowsTo[(from + i) * features + j] = columns[j * rows + i];
      }
    }
  }
}
