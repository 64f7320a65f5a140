package dev.realnvp.engine;

import java.util.Arrays;

/**
 * {@code y = act(x W + b)}, with ReLU or the identity; x is {@code [N, in]}, y {@code [N, out]},
 * each row by row, or column by column where that suits its neighbour. Weights lie as {@code [out,
 * in]}, row-major, the bias behind them.
 */
public final class Affine {

  /** How a batch lies: an example after the other, or a value of all examples after the other. */
  public enum Order {
    ROWS,
    COLUMNS
  }

  /** A row more than is used: convolutions pass parts of an array whose stride reaches beyond. */
  private static final long ROOM = 1;

  private final int in;
  private final int out;
  private final boolean rectified;
  private final Order inputs;
  private final Order outputs;
  private final Floats y = new Floats();
  private final Floats dx = new Floats();
  private final Floats ones = new Floats();
  private Floats values;
  private Floats gradients;
  private int from;

  /**
   * @param in values a row that go in
   * @param out values a row that come out
   * @param rectified whether ReLU follows
   */
  public Affine(int in, int out, boolean rectified) {
    this(in, out, rectified, Order.ROWS, Order.ROWS);
  }

  /**
   * @param in values a row that go in
   * @param out values a row that come out
   * @param rectified whether ReLU follows
   * @param inputs how x and its gradient lie
   * @param outputs how y and its gradient lie
   */
  public Affine(int in, int out, boolean rectified, Order inputs, Order outputs) {
    this.in = in;
    this.out = out;
    this.rectified = rectified;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** Values a row that go in. */
  public int in() {
    return in;
  }

  /** How many parameters there are. */
  public int size() {
    return in * out + out;
  }

  /** Says where the parameters and their gradients are, from the same index on. */
  public void bind(Floats values, Floats gradients, int from) {
    this.values = values;
    this.gradients = gradients;
    this.from = from;
  }

  /** y, in a buffer that the next call overwrites. */
  public Floats forward(Floats x, int rows) {
    float[] result = y.atLeast((rows + ROOM) * out);
    int bias = from + in * out;
    if (outputs == Order.ROWS) {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(values.array(), bias, result, i * out, out);
      }
      Gemm.add(rows, out, in, x(x, rows), weights(values).t(), Matrix.of(y, out));
    } else {
      for (int j = 0; j < out; j++) {
        Arrays.fill(result, j * rows, (j + 1) * rows, values.array()[bias + j]);
      }
      Gemm.add(out, rows, in, weights(values), x(x, rows).t(), Matrix.of(y, rows));
    }
    if (rectified) {
      Elementwise.relu(result, 0, rows * out);
    }
    return y;
  }

  /**
   * Writes the gradients, summed over the rows.
   *
   * @param x what {@link #forward} was given last
   * @param dy {@code dLoss/dy}; overwritten
   */
  public void backward(Floats x, Floats dy, int rows) {
    if (rectified) {
      Elementwise.reluGradient(y.array(), dy.array(), 0, rows * out);
    }
    Gemm.multiply(out, in, rows, dyColumns(dy, rows), x(x, rows), weights(gradients));
    int bias = from + in * out;
    if (outputs == Order.ROWS) {
      Gemm.sumRows(rows, out, Matrix.of(dy, out), ones, gradients, bias);
    } else {
      Gemm.sumColumns(out, rows, Matrix.of(dy, rows), ones, gradients, bias);
    }
  }

  /**
   * {@code dLoss/dx} of the first values of each row, after {@link #backward} with the same dy.
   *
   * @param columns how many of x's values
   * @return {@code [N, columns]}, in a buffer that the next call overwrites
   */
  public Floats inputGradient(Floats dy, int rows, int columns) {
    dx.atLeast((rows + ROOM) * columns);
    Matrix delta = dyColumns(dy, rows);
    if (inputs == Order.ROWS) {
      Gemm.multiply(rows, columns, out, delta.t(), weights(values), Matrix.of(dx, columns));
    } else {
      Gemm.multiply(columns, rows, out, weights(values).t(), delta, Matrix.of(dx, rows));
    }
    return dx;
  }

  private Matrix weights(Floats data) {
    return Matrix.at(data, from, in);
  }

  /** x as {@code [N, in]}. */
  private Matrix x(Floats x, int rows) {
    return inputs == Order.ROWS ? Matrix.of(x, in) : Matrix.of(x, rows).t();
  }

  /** dy as {@code [out, N]}. */
  private Matrix dyColumns(Floats dy, int rows) {
    return outputs == Order.ROWS ? Matrix.of(dy, out).t() : Matrix.of(dy, rows);
  }
}
