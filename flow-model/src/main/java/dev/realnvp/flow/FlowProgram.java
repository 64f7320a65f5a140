package dev.realnvp.flow;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.Program;
import dev.realnvp.engine.Rows;
import java.util.Arrays;
import java.util.List;

/**
 * Computes a {@link RealNVP}'s densities and samples on plain float arrays, row-major, with a copy
 * of its parameters. For one thread at a time. Arrays of wrong sizes are refused with an {@link
 * IllegalArgumentException}.
 */
public final class FlowProgram {

  /**
   * Rows at once, chosen by measurement: with fewer the products are slower, and more do not fit
   * the cache.
   */
  private static final int BLOCK = 224;

  private final int features;
  private final int context;
  private final Program program;
  private final List<InvertibleStage> transforms;
  private final Batch batch = new Batch();

  private FlowProgram(RealNVP flow, Program program) {
    features = flow.features();
    context = flow.context();
    this.program = program;
    int last = program.stages().size() - 1;
    transforms =
        program.stages().subList(0, last).stream().map(InvertibleStage.class::cast).toList();
  }

  /** The program of a flow. */
  public static FlowProgram of(RealNVP flow) {
    return new FlowProgram(flow, Program.of(flow.network()).orElseThrow());
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
   * @param classes of each row, {@code [N]}, whose one-hot vector is the context; null if C is 0
   * @param logProb {@code [N]}, the result
   */
  public void logProb(float[] x, int[] classes, double[] logProb) {
    logProb(x, oneHot(classes), logProb);
  }

  /**
   * {@code log p(x | context)}, in nats, for any context.
   *
   * @param x {@code [N, D]}
   * @param contexts of each row, {@code [N, C]}
   * @param logProb {@code [N]}, the result
   */
  public void logProbGiven(float[] x, float[] contexts, double[] logProb) {
    logProb(x, vectors(contexts), logProb);
  }

  private void logProb(float[] x, Conditioning conditioning, double[] logProb) {
    require(x, conditioning, logProb.length);
    for (int from = 0; from < logProb.length; from += BLOCK) {
      int rows = Math.min(BLOCK, logProb.length - from);
      load(x, conditioning, from, rows);
      program.forward(batch, false);
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
   * @param classes of each row, {@code [N]}, whose one-hot vector is the context; null if C is 0
   * @param logProb {@code [N]}, the result: {@code log N(u; 0, I) - log |det dx/du|}, in nats
   */
  public void samples(float[] u, int[] classes, double[] logProb) {
    samples(u, oneHot(classes), logProb);
  }

  /**
   * The same for any context.
   *
   * @param u {@code [N, D]}, replaced by x
   * @param contexts of each row, {@code [N, C]}
   * @param logProb {@code [N]}, the result
   */
  public void samplesGiven(float[] u, float[] contexts, double[] logProb) {
    samples(u, vectors(contexts), logProb);
  }

  private void samples(float[] u, Conditioning conditioning, double[] logProb) {
    require(u, conditioning, logProb.length);
    for (int from = 0; from < logProb.length; from += BLOCK) {
      int rows = Math.min(BLOCK, logProb.length - from);
      load(u, conditioning, from, rows);
      inverse();
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
   * @param classes as in {@link #logProb}
   * @param count N
   */
  public void base(float[] x, int[] classes, int count) {
    base(x, oneHot(classes), count);
  }

  /**
   * The same for any context.
   *
   * @param x {@code [N, D]}, replaced by z
   * @param contexts of each row, {@code [N, C]}
   * @param count N
   */
  public void baseGiven(float[] x, float[] contexts, int count) {
    base(x, vectors(contexts), count);
  }

  private void base(float[] x, Conditioning conditioning, int count) {
    require(x, conditioning, count);
    for (int from = 0; from < count; from += BLOCK) {
      int rows = Math.min(BLOCK, count - from);
      load(x, conditioning, from, rows);
      program.forward(batch, 0, transforms.size());
      store(x, from, rows);
    }
  }

  /**
   * The largest {@code |f^-1(f(x)) - x|} of each row; 0 for a row without a finite density, which
   * floats cannot represent in base space.
   *
   * @param x {@code [N, D]}
   * @param classes as in {@link #logProb}
   * @param count N
   */
  public double[] roundTripErrors(float[] x, int[] classes, int count) {
    Conditioning conditioning = oneHot(classes);
    require(x, conditioning, count);
    double[] errors = new double[count];
    for (int from = 0; from < count; from += BLOCK) {
      int rows = Math.min(BLOCK, count - from);
      load(x, conditioning, from, rows);
      program.forward(batch, false);
      inverse();
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

  private void inverse() {
    for (int i = transforms.size() - 1; i >= 0; i--) {
      transforms.get(i).inverse(batch);
    }
  }

  /**
   * The context of the rows of a call.
   *
   * @param name of the argument
   * @param length of its array
   * @param width values per row
   * @param loader loads the context of some rows
   */
  private record Conditioning(String name, int length, int width, Loader loader) {}

  @FunctionalInterface
  private interface Loader {

    /** Loads the context of some rows, column by column. */
    void load(int from, int rows, Floats to);
  }

  private Conditioning oneHot(int[] classes) {
    return new Conditioning(
        "classes",
        classes == null ? 0 : classes.length,
        1,
        (from, rows, to) ->
            ClassContext.oneHot(Arrays.copyOfRange(classes, from, from + rows), context, to));
  }

  private Conditioning vectors(float[] contexts) {
    return new Conditioning(
        "contexts",
        contexts.length,
        context,
        (from, rows, to) -> columns(contexts, from, rows, context, to));
  }

  /** For a flow without a context, the classes do not matter. */
  private void require(float[] x, Conditioning conditioning, int rows) {
    Rows.require("x", x.length, rows, features);
    if (context > 0) {
      Rows.require(conditioning.name, conditioning.length, rows, conditioning.width);
    }
  }

  private void load(float[] values, Conditioning conditioning, int from, int rows) {
    batch.rows(rows);
    columns(values, from, rows, features, batch.inputs());
    if (context > 0) {
      conditioning.loader.load(from, rows, batch.context());
    }
  }

  private static void columns(float[] values, int from, int rows, int width, Floats to) {
    float[] columns = to.atLeast((long) rows * width);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < width; j++) {
        columns[j * rows + i] = values[(from + i) * width + j];
      }
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
