package dev.realnvp.flow.layer;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One forward pass of a batch, and what it takes to go back.
 *
 * @param outputs z, {@code [N, D]}, column-major
 * @param logAbsDetJacobian {@code log |det dz/dx|}, in nats, {@code [N, 1]}
 * @param backward the gradient of this pass
 */
record Pass(INDArray outputs, INDArray logAbsDetJacobian, Backward backward) {

  /** Takes the loss's gradient from a pass's results to its arguments and to the parameters. */
  interface Backward {

    /**
     * Writes the parameters' gradients into the layer's views, summed over the batch.
     *
     * @param outputs {@code dLoss/dz}, {@code [N, D]}
     * @param logAbsDetJacobian {@code dLoss/dlogDet}, {@code [N, 1]}
     */
    Gradients of(INDArray outputs, INDArray logAbsDetJacobian);
  }

  /**
   * The loss's gradient at a pass's arguments.
   *
   * @param inputs {@code dLoss/dx}, {@code [N, D]}
   * @param context {@code dLoss/dcontext}, {@code [N, C]}; null where the layer does not use it
   */
  record Gradients(INDArray inputs, INDArray context) {}
}
