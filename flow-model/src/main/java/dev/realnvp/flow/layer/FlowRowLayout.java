package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.arrays.FlatArrays;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The format of a row between layers, because a DL4J layer has one output: {@code [x | context |
 * logDet]}, D + C + 1 values, with the log-determinant of the Jacobian so far, in nats, at the end.
 * A gradient has the same format.
 *
 * @param features D
 * @param context C
 */
record FlowRowLayout(int features, int context) {

  /**
   * Half of the largest int, because a shared conditioner's output is twice as wide as the
   * features.
   */
  private static final int MOST_VALUES = 1 << 30;

  static void requireSizes(int features, int context) {
    if (features < 1) {
      throw new IllegalArgumentException("features: got " + features + ", expected at least 1");
    }
    if (context < 0) {
      throw new IllegalArgumentException("context: got " + context + ", expected at least 0");
    }
    if (context > MOST_VALUES - features) {
      throw new IllegalArgumentException(
          "context: got %d with %d features, expected at most %d in all"
              .formatted(context, features, MOST_VALUES));
    }
  }

  int width() {
    return features + context + 1;
  }

  /** Reads features, context and log-determinants. */
  void read(INDArray rows, Batch to) {
    float[] columns = columns(rows);
    int count = to.rows();
    int x = features * count;
    System.arraycopy(columns, 0, to.inputs().ensureCapacity(x), 0, x);
    System.arraycopy(
        columns, x, to.context().ensureCapacity((long) context * count), 0, context * count);
    for (int i = 0; i < count; i++) {
      to.logDet()[i] = columns[columns.length - count + i];
    }
  }

  /**
   * The rows column by column, after a check of their width.
   *
   * @throws IllegalArgumentException if the width is wrong
   */
  float[] columns(INDArray rows) {
    if (rows.rank() != 2 || rows.size(1) != width()) {
      throw new IllegalArgumentException(
          "rows of x, context and log-determinant: got %s, expected [N, %d]"
              .formatted(Arrays.toString(rows.shape()), width()));
    }
    return FlatArrays.read(rows, 'f');
  }

  /**
   * New rows.
   *
   * @param x {@code [D, N]}
   * @param given {@code [C, N]}; null for zeros
   * @param last of each row
   */
  INDArray write(float[] x, float[] given, IntToDoubleFunction last, int count, DataType type) {
    float[] columns = new float[Math.multiplyExact(width(), count)];
    System.arraycopy(x, 0, columns, 0, features * count);
    if (given != null) {
      System.arraycopy(given, 0, columns, features * count, context * count);
    }
    for (int i = 0; i < count; i++) {
      columns[columns.length - count + i] = (float) last.applyAsDouble(i);
    }
    return FlatArrays.array(columns, type, 'f', count, width());
  }
}
