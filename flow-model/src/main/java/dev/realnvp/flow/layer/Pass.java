package dev.realnvp.flow.layer;

/**
 * One pass of a batch, as {@link Columns}, and what it takes to go back.
 *
 * @param outputs z, D columns
 * @param logAbsDetJacobian {@code log |det dz/dx|} of each row, in nats
 * @param backward the gradient of this pass
 */
record Pass(double[][] outputs, double[] logAbsDetJacobian, Backward backward) {

  /** Takes the loss's gradient from a pass's results to its arguments and to the parameters. */
  interface Backward {

    /**
     * Writes the parameters' gradients into the layer's views, summed over the batch.
     *
     * @param outputs {@code dLoss/dz}, D columns
     * @param logAbsDetJacobian {@code dLoss/dlogDet} of each row
     */
    Gradients of(double[][] outputs, double[] logAbsDetJacobian);
  }

  /**
   * The loss's gradient at a pass's arguments.
   *
   * @param inputs {@code dLoss/dx}, D columns
   * @param context {@code dLoss/dcontext}, C columns; none where the layer does not use it
   */
  record Gradients(double[][] inputs, double[][] context) {

    /** Those of a layer that does not use the context. */
    static Gradients of(double[][] inputs) {
      return new Gradients(inputs, new double[0][]);
    }
  }

  /** The result of the way back to data, which nobody trains through. */
  record Inverse(double[][] inputs, double[] logAbsDetJacobian) {}
}
