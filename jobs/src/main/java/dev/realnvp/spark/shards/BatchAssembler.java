package dev.realnvp.spark.shards;

import java.io.Serializable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Makes a model's minibatch of images: what is input and what is label depends on the model. */
@FunctionalInterface
public interface BatchAssembler extends Serializable {
  /**
   * Makes the minibatch.
   *
   * @param images {@code [N, C, H, W]} in 0..1; floats, owned by the minibatch
   * @param labels {@code [N]}
   */
  DataSet assemble(INDArray images, int[] labels);
}
