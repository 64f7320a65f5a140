package dev.realnvp.flow;

import dev.realnvp.engine.Floats;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Class labels as the context of a flow. */
public final class ClassContext {

  private ClassContext() {}

  /**
   * A row a label: 1 at the label, 0 elsewhere; of type FLOAT.
   *
   * @param labels {@code [N]}, from 0 to K - 1
   * @param classes K
   * @return {@code [N, K]}
   * @throws IllegalArgumentException if a label is out of range
   */
  public static INDArray oneHot(int[] labels, int classes) {
    float[] values = new float[Math.multiplyExact(labels.length, classes)];
    oneHot(labels, 0, labels.length, classes, values);
    return Nd4j.createFromArray(values).reshape(labels.length, classes);
  }

  /**
   * As {@link #oneHot(int[], int)}, of some of the labels.
   *
   * @param rows which, {@code [N]}
   * @param to {@code [N, K]}, the result
   */
  public static void oneHot(int[] labels, int[] rows, int classes, Floats to) {
    float[] values = to.zeros(Math.multiplyExact(rows.length, classes));
    for (int i = 0; i < rows.length; i++) {
      values[i * classes + labels[rows[i]]] = 1;
    }
  }

  /** As {@link #oneHot(int[], int)}, of some rows, into an array, {@code [count, K]}. */
  static void oneHot(int[] labels, int from, int count, int classes, float[] to) {
    Arrays.fill(to, 0, count * classes, 0);
    for (int i = 0; i < count; i++) {
      int label = labels[from + i];
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException(
            "Label " + label + " of row " + (from + i) + " is not one of 0 to " + (classes - 1));
      }
      to[i * classes + label] = 1;
    }
  }
}
