package dev.realnvp.spark.data;

import java.io.Serializable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Makes a model's minibatch of rows: what is input and what is label depends on the model. */
@FunctionalInterface
public interface BatchAssembler extends Serializable {
  /**
   * Makes the minibatch.
   *
   * @param rows images {@code [N, C, H, W]} in 0..1, or embeddings {@code [N, D]}; floats, owned by
   *     the minibatch
   * @param labels {@code [N]}; empty where the table has none
   */
  DataSet assemble(INDArray rows, int[] labels);
}
