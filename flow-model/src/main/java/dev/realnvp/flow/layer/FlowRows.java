package dev.realnvp.flow.layer;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * How a row travels between layers, since a DL4J layer has one output: {@code [x | context |
 * logDet]}, D + C + 1 values wide, with the log-determinant of the Jacobian so far, in nats, at its
 * end. Arrays are column-major, so that each part is one contiguous block.
 *
 * @param features D
 * @param context C
 */
record FlowRows(int features, int context) {

  static void requireSizes(int features, int context) {
    if (features < 1) {
      throw new IllegalArgumentException("features: got " + features + ", expected at least 1");
    }
    if (context < 0) {
      throw new IllegalArgumentException("context: got " + context + ", expected at least 0");
    }
  }

  int width() {
    return features + context + 1;
  }

  /** The rows, column-major, after a check of their width. */
  INDArray of(INDArray rows) {
    if (rows.rank() != 2 || rows.size(1) != width()) {
      throw new IllegalArgumentException(
          "rows: got "
              + Arrays.toString(rows.shape())
              + ", expected [N, "
              + width()
              + "]: "
              + features
              + " features, "
              + context
              + " context values and the log-determinant");
    }
    return rows.ordering() == 'f' && rows.stride(0) == 1 ? rows : rows.dup('f');
  }

  /** x, {@code [N, D]}, a view. */
  INDArray x(INDArray rows) {
    return rows.get(NDArrayIndex.all(), NDArrayIndex.interval(0, features));
  }

  /** The context, {@code [N, C]}, a view; null where C is 0. */
  INDArray context(INDArray rows) {
    return context == 0
        ? null
        : rows.get(NDArrayIndex.all(), NDArrayIndex.interval(features, features + context));
  }

  /** The log-determinant, {@code [N, 1]}, a view. */
  INDArray logDet(INDArray rows) {
    return rows.get(NDArrayIndex.all(), NDArrayIndex.interval(width() - 1, width()));
  }

  /** Rows, in a new array in the current workspace. */
  INDArray join(INDArray x, INDArray context, INDArray logDet) {
    return context == null ? Nd4j.concat(1, x, logDet) : Nd4j.concat(1, x, context, logDet);
  }

  /** {@code array}, {@code [N, D]}, column-major and of the given rank, or a complaint. */
  INDArray requireFeatures(String name, INDArray array) {
    return requireWidth(name, array, features);
  }

  /** The context of {@code count} rows, column-major; null where C is 0. */
  INDArray requireContext(INDArray array, long count) {
    if (context == 0) {
      return null;
    }
    if (array == null) {
      throw new IllegalArgumentException(
          "context: got null, expected [" + count + ", " + context + "]");
    }
    if (array.rank() == 2 && array.size(0) != count) {
      throw new IllegalArgumentException(
          "context: got "
              + Arrays.toString(array.shape())
              + ", expected ["
              + count
              + ", "
              + context
              + "], a row for each of the inputs");
    }
    return requireWidth("context", array, context);
  }

  private static INDArray requireWidth(String name, INDArray array, int width) {
    if (array.rank() != 2 || array.size(1) != width) {
      throw new IllegalArgumentException(
          name + ": got " + Arrays.toString(array.shape()) + ", expected [N, " + width + "]");
    }
    return array;
  }
}
