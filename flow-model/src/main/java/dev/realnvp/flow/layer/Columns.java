package dev.realnvp.flow.layer;

import java.util.Arrays;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A batch as plain columns, {@code double[D][N]}, and how it comes out of an array and back. The
 * element-wise mathematics of the layers runs on these: at the sizes of a training batch an array
 * operation costs many times its arithmetic. Arrays are float or double.
 */
final class Columns {

  private Columns() {}

  /** The columns of an array {@code [N, D]} of any memory order. */
  static double[][] of(INDArray matrix) {
    int rows = Math.toIntExact(matrix.size(0));
    double[] values = values(isPlain(matrix) ? matrix : matrix.dup('f'));
    double[][] columns = new double[Math.toIntExact(matrix.size(1))][];
    for (int j = 0; j < columns.length; j++) {
      columns[j] = Arrays.copyOfRange(values, j * rows, (j + 1) * rows);
    }
    return columns;
  }

  private static boolean isPlain(INDArray matrix) {
    return matrix.ordering() == 'f' && matrix.stride(0) == 1 && matrix.stride(1) == matrix.size(0);
  }

  /** A new array {@code [N, D]} in the current workspace, column-major. */
  static INDArray toArray(double[][] columns, DataType dataType) {
    int rows = columns[0].length;
    double[] values = new double[columns.length * rows];
    for (int j = 0; j < columns.length; j++) {
      System.arraycopy(columns[j], 0, values, j * rows, rows);
    }
    INDArray array = Nd4j.createUninitialized(dataType, new long[] {rows, columns.length}, 'f');
    store(values, array);
    return array;
  }

  /** A new vector {@code [N]} in the current workspace. */
  static INDArray toArray(double[] values, DataType dataType) {
    INDArray array = Nd4j.createUninitialized(dataType, values.length);
    store(values, array);
    return array;
  }

  /** The elements of an array without gaps, as they lie in memory. */
  static double[] values(INDArray array) {
    int length = Math.toIntExact(array.length());
    double[] values = new double[length];
    Pointer memory = array.data().addressPointer();
    if (array.dataType() == DataType.DOUBLE) {
      new DoublePointer(memory).get(values);
    } else {
      float[] floats = new float[length];
      new FloatPointer(memory).get(floats);
      for (int i = 0; i < length; i++) {
        values[i] = floats[i];
      }
    }
    return values;
  }

  /** Writes the elements of an array without gaps, as they lie in memory. */
  static void store(double[] values, INDArray array) {
    Pointer memory = array.data().addressPointer();
    if (array.dataType() == DataType.DOUBLE) {
      new DoublePointer(memory).put(values);
    } else {
      float[] floats = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        floats[i] = (float) values[i];
      }
      new FloatPointer(memory).put(floats);
    }
  }

  /** {@code out[i] = columns[indices[i]]}; the columns themselves are shared. */
  static double[][] select(double[][] columns, int[] indices) {
    double[][] selected = new double[indices.length][];
    for (int i = 0; i < indices.length; i++) {
      selected[i] = columns[indices[i]];
    }
    return selected;
  }

  /** One after the other; the columns themselves are shared. */
  static double[][] join(double[][] first, double[][] second) {
    double[][] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  /** {@code a + b}, new. */
  static double[] sum(double[] a, double[] b) {
    double[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  /** {@code a + b}, new, column by column. */
  static double[][] sum(double[][] a, double[][] b) {
    double[][] sum = new double[a.length][];
    for (int j = 0; j < a.length; j++) {
      sum[j] = sum(a[j], b[j]);
    }
    return sum;
  }
}
