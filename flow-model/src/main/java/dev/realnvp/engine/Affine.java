package dev.realnvp.engine;

import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.engine.arrays.Matrix;

/**
 * {@code y = act(x W + b)}, with ReLU or the identity; x is {@code [N, in]}, y {@code [N, out]},
 * both row by row or both column by column. The weights are stored as {@code [out, in]}, row-major,
 * followed by the bias.
 */
public final class Affine {

  /**
   * The memory order of a batch: one example after the other, or one value of all examples after
   * the other.
   */
  public enum Order {
    ROWS,
    COLUMNS
  }

  /**
   * One row more than is used, because convolutions pass parts of an array whose stride reaches
   * beyond it.
   */
  private static final long ROOM = 1;

  private final int in;
  private final int out;
  private final boolean rectified;
  private final Order order;
  private final Floats y = new Floats();
  private final Floats dx = new Floats();
  private final Floats ones = new Floats();
  private Floats values;
  private Floats gradients;
  private int from;

  /**
   * @param in input values per row
   * @param out output values per row
   * @param rectified whether ReLU follows
   * @param order the memory order of x, y and their gradients
   */
  public Affine(int in, int out, boolean rectified, Order order) {
    this.in = in;
    this.out = out;
    this.rectified = rectified;
    this.order = order;
  }

  /** Input values per row. */
  public int in() {
    return in;
  }

  /** The number of parameters. */
  public int size() {
    return in * out + out;
  }

  /** Sets where the parameters and their gradients are; both start at the same index. */
  public void bind(Floats values, Floats gradients, int from) {
    this.values = values;
    this.gradients = gradients;
    this.from = from;
  }

  /** Returns y, in a buffer that the next call overwrites. */
  public Floats forward(Floats x, int rows) {
    y.ensureCapacity((rows + ROOM) * out);
    if (order == Order.ROWS) {
      forwardRows(x, rows);
    } else {
      forwardColumns(x, rows);
    }
    return y;
  }

  private void forwardRows(Floats x, int rows) {
    float[] result = y.array();
    for (int i = 0; i < rows; i++) {
      System.arraycopy(values.array(), bias(), result, i * out, out);
    }
    Gemm.add(rows, out, in, Matrix.of(x, in), weights(values).t(), Matrix.of(y, out));
    if (rectified) {
      Elementwise.relu(result, 0, rows * out);
    }
  }

  private void forwardColumns(Floats x, int rows) {
    Gemm.multiply(out, rows, in, weights(values), Matrix.of(x, rows), Matrix.of(y, rows));
    for (int j = 0; j < out; j++) {
      float shift = values.array()[bias() + j];
      if (rectified) {
        Elementwise.shiftedRelu(y.array(), shift, j * rows, (j + 1) * rows);
      } else {
        Elementwise.shift(y.array(), shift, j * rows, (j + 1) * rows);
      }
    }
  }

  /**
   * Writes the gradients, summed over the rows.
   *
   * @param x the input of the last {@link #forward}
   * @param dy {@code dLoss/dy}; overwritten
   */
  public void backward(Floats x, Floats dy, int rows) {
    if (rectified) {
      Elementwise.reluGradient(y.array(), dy.array(), 0, rows * out);
    }
    if (order == Order.ROWS) {
      Gemm.multiply(out, in, rows, Matrix.of(dy, out).t(), Matrix.of(x, in), weights(gradients));
      Gemm.sumRows(rows, out, Matrix.of(dy, out), ones, gradients, bias());
    } else {
      Gemm.multiply(out, in, rows, Matrix.of(dy, rows), Matrix.of(x, rows).t(), weights(gradients));
      Gemm.sumColumns(out, rows, Matrix.of(dy, rows), ones, gradients, bias());
    }
  }

  /**
   * {@code dLoss/dx} of the first values of each row, after {@link #backward} with the same dy.
   *
   * @param columns how many of x's values
   * @return {@code [N, columns]}, in a buffer that the next call overwrites
   */
  public Floats inputGradient(Floats dy, int rows, int columns) {
    dx.ensureCapacity((rows + ROOM) * columns);
    if (order == Order.ROWS) {
      Gemm.multiply(
          rows, columns, out, Matrix.of(dy, out), weights(values), Matrix.of(dx, columns));
    } else {
      Gemm.multiply(
          columns, rows, out, weights(values).t(), Matrix.of(dy, rows), Matrix.of(dx, rows));
    }
    return dx;
  }

  private Matrix weights(Floats data) {
    return Matrix.at(data, from, in);
  }

  /** The index of the bias's first value. */
  private int bias() {
    return from + in * out;
  }
}
