package dev.realnvp.flow;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.StageSequence;
import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.engine.arrays.RowArrays;
import dev.realnvp.flow.layer.MixedFeatures;
import java.util.function.IntUnaryOperator;

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

  /** A block's size is a multiple of this, so that OpenBLAS's kernels treat all its rows alike. */
  private static final int ALIKE = 16;

  /** Rows of padding at each end: the Haswell kernels treat the first and last rows otherwise. */
  private static final int ENDS = 8;

  private final int features;
  private final int context;
  private final int latents;

  /** How many of the latents are those of discrete features. */
  private final int discrete;

  private final int ends;
  private final StageSequence sequence;
  private final Batch batch = new Batch();

  private FlowEngine(RealNVP flow, int ends) {
    features = flow.features();
    context = flow.context();
    latents = flow.latents();
    discrete = flow.mixed().map(MixedFeatures::discrete).orElse(0);
    this.ends = ends;
    sequence = StageSequence.of(flow.network()).orElseThrow();
  }

  /** The engine of a flow. */
  public static FlowEngine of(RealNVP flow) {
    return new FlowEngine(flow, 0);
  }

  /**
   * One whose results for a row are the same bits whatever rows come with it. Blocks get other rows
   * at their ends, and an even size, which of full blocks costs a fourteenth, and of small ones
   * more.
   */
  public static FlowEngine batchInvariant(RealNVP flow) {
    return new FlowEngine(flow, ENDS);
  }

  /** D, the number of features. */
  public int features() {
    return features;
  }

  /** C, the number of context values per row. */
  public int context() {
    return context;
  }

  /** L, the number of latents of a row. */
  public int latents() {
    return latents;
  }

  /** How many rows are computed at once. */
  int block() {
    return BLOCK - 2 * ends;
  }

  /**
   * {@code log p(x | context)}, in nats.
   *
   * @param x {@code [N, D]}
   * @param context of each row, C values wide; ignored if C is 0
   * @param logProb {@code [N]}, the result
   */
  public void logProb(float[] x, Context context, double[] logProb) {
    inBlocks(
        x,
        context,
        logProb.length,
        (from, rows) -> {
          sequence.forward(batch, false);
          for (int i = 0; i < rows; i++) {
            logProb[from + i] = -batch.losses()[ends + i];
          }
        });
  }

  /**
   * Base to data: {@code x = f^-1(u; context)}, with {@code log p(x | context)} if u is drawn from
   * the base.
   *
   * @param u {@code [N, L]}; the latents of discrete features are the last ones
   * @param context as in {@link #logProb}
   * @param logProb {@code [N]}, the result: {@code log N(u; 0, I) - log |det dx/du|}, in nats; with
   *     discrete features {@link #logProb} of the new rows
   * @return x, {@code [N, D]}
   */
  public float[] fromLatent(float[] u, Context context, double[] logProb) {
    int numbers = latents - discrete;
    float[] x = new float[Math.multiplyExact(logProb.length, features)];
    inBlocks(
        "u",
        u,
        latents,
        context,
        logProb.length,
        (from, rows) -> {
          // Those of the discrete features are behind the others, column by column.
          float[] inputs = batch.inputs().array();
          int size = discrete * batch.rows();
          System.arraycopy(
              inputs, numbers * batch.rows(), batch.latents().ensureCapacity(size), 0, size);
          sequence.inverse(batch);
          for (int i = 0; i < rows; i++) {
            logProb[from + i] =
                StandardNormal.logProb(u, (from + i) * latents, numbers) - batch.logDet()[ends + i];
          }
          store(batch.values(), features, x, features, 0, from, rows);
        });
    // Where a coordinate is of no matter, the latent that was drawn is not the one that is scored.
    if (discrete > 0) {
      logProb(x, context, logProb);
    }
    return x;
  }

  /**
   * Data to base: {@code z = f(x; context)}. That of a discrete feature is the normal quantile in
   * the middle of what its level has of the cumulative distribution.
   *
   * @param x {@code [N, D]}
   * @param context as in {@link #logProb}
   * @param count N
   * @return z, {@code [N, L]}
   */
  public float[] toLatent(float[] x, Context context, int count) {
    int numbers = latents - discrete;
    float[] z = new float[Math.multiplyExact(count, latents)];
    inBlocks(
        x,
        context,
        count,
        (from, rows) -> {
          sequence.forward(batch, 0, sequence.stages().size() - 1);
          store(batch.values(), numbers, z, latents, 0, from, rows);
          store(batch.latents(), discrete, z, latents, numbers, from, rows);
        });
    return z;
  }

  /**
   * {@code d log p(x | context) / dx} in place of x, in nats per unit of the feature.
   *
   * @param x {@code [N, D]}, replaced by the gradients
   * @param context as in {@link #logProb}
   * @param count N
   */
  public void gradients(float[] x, Context context, int count) {
    inBlocks(
        x,
        context,
        count,
        (from, rows) -> {
          sequence.inputGradients(batch);
          store(batch.values(), features, x, features, 0, from, rows);
        });
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
    double[] errors = new double[count];
    inBlocks(
        x,
        context,
        count,
        (from, rows) -> {
          sequence.forward(batch, false);
          sequence.inverse(batch);
          for (int i = 0; i < rows; i++) {
            for (int j = 0; j < features && Double.isFinite(batch.losses()[ends + i]); j++) {
              float error = Math.abs(value(i, j) - x[(from + i) * features + j]);
              // What is missing, or was never seen, has no value to lead back to.
              errors[from + i] = error > errors[from + i] ? error : errors[from + i];
            }
          }
        });
    return errors;
  }

  private void require(String name, float[] x, int width, Context given, int rows) {
    RowArrays.require(name, x.length, rows, width);
    if (context > 0) {
      if (given.width() != context) {
        throw new IllegalArgumentException(
            "context: got %d values per row, expected %d".formatted(given.width(), context));
      }
      given.requireRows(rows);
    }
  }

  /** Computes something of the rows that are loaded. */
  @FunctionalInterface
  private interface Work {
    void of(int from, int rows);
  }

  private void inBlocks(float[] x, Context given, int count, Work work) {
    inBlocks("x", x, features, given, count, work);
  }

  private void inBlocks(
      String name, float[] values, int width, Context given, int count, Work work) {
    require(name, values, width, given, count);
    for (int from = 0; from < count; from += block()) {
      int rows = Math.min(block(), count - from);
      load(values, width, given, from, rows);
      work.of(from, rows);
    }
  }

  private void load(float[] values, int width, Context given, int from, int rows) {
    int loaded = ends == 0 ? rows : (rows + 2 * ends + ALIKE - 1) / ALIKE * ALIKE;
    IntUnaryOperator row = i -> from + Math.max(0, Math.min(i - ends, rows - 1));
    batch.rows(loaded);
    RowArrays.columns(values, width, loaded, row, batch.inputs());
    if (context > 0) {
      given.load(loaded, row, batch);
    }
  }

  /** Feature j of row i of those that are loaded. */
  private float value(int i, int j) {
    return batch.values().array()[j * batch.rows() + ends + i];
  }

  /** Copies columns of the batch to rows of some width, from a row and a place in it on. */
  private void store(
      Floats columns, int count, float[] rowsTo, int width, int place, int from, int rows) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < count; j++) {
        rowsTo[(from + i) * width + place + j] = columns.array()[j * batch.rows() + ends + i];
      }
    }
  }
}
