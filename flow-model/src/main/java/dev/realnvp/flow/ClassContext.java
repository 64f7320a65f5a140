package dev.realnvp.flow;

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
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "Label " + labels[i] + " of row " + i + " is not one of 0 to " + (classes - 1));
      }
      values[i * classes + labels[i]] = 1;
    }
    return Nd4j.createFromArray(values).reshape(labels.length, classes);
  }

  /** The same label in every row. */
  static INDArray oneHot(int label, int rows, int classes) {
    int[] labels = new int[rows];
    Arrays.fill(labels, label);
    return oneHot(labels, classes);
  }
}
