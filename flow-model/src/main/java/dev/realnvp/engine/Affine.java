package dev.realnvp.engine;

/**
 * {@code y = act(x W + b)}, with ReLU or the identity; x is {@code [N, in]}, y {@code [N, out]}.
 * Weights lie as {@code [out, in]}, row-major, the bias behind them.
 */
public final class Affine {

  /** A row more than is used: convolutions pass parts of an array whose stride reaches beyond. */
  private static final long ROOM = 1;

  private final int in;
  private final int out;
  private final boolean rectified;
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
    this.in = in;
    this.out = out;
    this.rectified = rectified;
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
    for (int i = 0; i < rows; i++) {
      System.arraycopy(values.array(), bias, result, i * out, out);
    }
    Gemm.add(rows, out, in, Matrix.of(x, in), weights(values).t(), Matrix.of(y, out));
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
    Gemm.multiply(out, in, rows, Matrix.of(dy, out).t(), Matrix.of(x, in), weights(gradients));
    Gemm.sumRows(rows, out, Matrix.of(dy, out), ones, gradients, from + in * out);
  }

  /**
   * {@code dLoss/dx} of the first values of each row, after {@link #backward} with the same dy.
   *
   * @param columns how many of x's values
   * @return {@code [N, columns]}, in a buffer that the next call overwrites
   */
  public Floats inputGradient(Floats dy, int rows, int columns) {
    dx.atLeast((rows + ROOM) * columns);
    Gemm.multiply(rows, columns, out, Matrix.of(dy, out), weights(values), Matrix.of(dx, columns));
    return dx;
  }

  private Matrix weights(Floats data) {
    return Matrix.at(data, from, in);
  }
}
