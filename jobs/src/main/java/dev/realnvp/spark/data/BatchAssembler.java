package dev.realnvp.spark.data;

import java.io.Serializable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Makes a model's minibatch from rows; the model decides what is input and what is label. */
@FunctionalInterface
public interface BatchAssembler extends Serializable {
  /**
   * Makes the minibatch.
   *
   * @param rows images {@code [N, C, H, W]} in 0..1, or embeddings {@code [N, D]}; floats, owned by
   *     the minibatch
   * @param labels {@code [N]}; empty if the table has none
   */
  DataSet assemble(INDArray rows, int[] labels);
}
