package dev.realnvp.flow.layer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Selections of columns by index. */
final class Columns {

  private Columns() {}

  /** {@code out[:, i] = matrix[:, indices[i]]}, new and column-major. */
  static INDArray gather(INDArray matrix, int[] indices) {
    return Nd4j.pullRows(matrix, 0, indices, 'f');
  }

  /** The order that undoes a permutation: {@code inverse[order[i]] = i}. */
  static int[] inverse(int[] order) {
    int[] inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[order[i]] = i;
    }
    return inverse;
  }
}
