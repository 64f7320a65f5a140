package dev.realnvp.flow;

import dev.realnvp.engine.Floats;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Turns class labels into the context of a flow. */
public final class ClassContext {

  private ClassContext() {}

  /**
   * One row per label: 1 at the label, 0 elsewhere; of type FLOAT.
   *
   * @param labels {@code [N]}, from 0 to K - 1
   * @param classes K
   * @return {@code [N, K]}
   * @throws IllegalArgumentException if a label is out of range
   */
  public static INDArray oneHot(int[] labels, int classes) {
    Floats columns = new Floats();
    oneHot(labels, classes, columns);
    return Nd4j.create(columns.array(), new long[] {labels.length, classes}, 'f');
  }

  /**
   * The same for the engine, column by column: element {@code label N + i} is 1 for the label of
   * row i of N.
   *
   * @param labels {@code [N]}, from 0 to K - 1
   * @param classes K
   * @param to the result
   * @throws IllegalArgumentException if a label is out of range
   */
  public static void oneHot(int[] labels, int classes, Floats to) {
    int rows = labels.length;
    float[] columns = to.zeros(Math.multiplyExact(rows, classes));
    for (int i = 0; i < rows; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "Label " + labels[i] + " of row " + i + " is not one of 0 to " + (classes - 1));
      }
      columns[labels[i] * rows + i] = 1;
    }
  }
}
