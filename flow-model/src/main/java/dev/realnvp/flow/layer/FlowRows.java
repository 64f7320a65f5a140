package dev.realnvp.flow.layer;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a row travels between layers, since a DL4J layer has one output: {@code [x | context |
 * logDet]}, D + C + 1 values wide, with the log-determinant of the Jacobian so far, in nats, at its
 * end. And the checks of what comes from outside.
 *
 * @param features D
 * @param context C
 */
record FlowRows(int features, int context) {

  /**
   * Half of what an int holds, as a shared conditioner's output is twice as wide as the features.
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

  /** The columns of rows, after a check of their width. */
  double[][] of(INDArray rows) {
    return Columns.of(requireWidth("rows of x, context and log-determinant", rows, width()));
  }

  double[][] x(double[][] rows) {
    return Arrays.copyOfRange(rows, 0, features);
  }

  double[][] context(double[][] rows) {
    return Arrays.copyOfRange(rows, features, features + context);
  }

  double[] logDet(double[][] rows) {
    return rows[width() - 1];
  }

  double[][] join(double[][] x, double[][] context, double[] logDet) {
    return Columns.join(Columns.join(x, context), new double[][] {logDet});
  }

  /** The columns of {@code array}, which has to be {@code [N, D]}. */
  double[][] features(String name, INDArray array) {
    return Columns.of(requireWidth(name, array, features));
  }

  /** The columns of {@code array}, which has to be {@code [count, C]}; none where C is 0. */
  double[][] context(INDArray array, long count) {
    if (context == 0) {
      return new double[0][];
    }
    if (array == null) {
      throw new IllegalArgumentException(
          "context: got null, expected [" + count + ", " + context + "]");
    }
    requireWidth("context", array, context);
    if (array.size(0) != count) {
      throw new IllegalArgumentException(
          "context: got %s, expected [%d, %d], a row for each of the inputs"
              .formatted(Arrays.toString(array.shape()), count, context));
    }
    return Columns.of(array);
  }

  private static INDArray requireWidth(String name, INDArray array, int width) {
    if (array.rank() != 2 || array.size(1) != width) {
      throw new IllegalArgumentException(
          "%s: got %s, expected [N, %d]".formatted(name, Arrays.toString(array.shape()), width));
    }
    return array;
  }
}
