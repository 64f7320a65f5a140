package dev.realnvp.flow;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An invertible map of rows, {@code f(.; context): R^D -> R^D}, with the log-determinant of its
 * Jacobian. <em>Forward</em> maps data towards the base distribution, <em>inverse</em> maps base
 * towards data.
 *
 * <p>Both return new arrays and leave their arguments alone. A row's result does not depend on the
 * other rows of the call.
 */
public interface Transform {

  /** D, the number of features. */
  int features();

  /** C, the number of context values a row; 0 where the map is unconditional. */
  int context();

  /**
   * {@code z = f(x; context)}.
   *
   * @param inputs x, {@code [N, D]}
   * @param context {@code [N, C]}; ignored, and may be null, where {@link #context()} is 0
   * @return z and {@code log |det df/dx|}
   * @throws IllegalArgumentException if a shape is another one
   */
  Transformed forward(INDArray inputs, INDArray context);

  /**
   * {@code x = f^-1(z; context)}.
   *
   * @param outputs z, {@code [N, D]}
   * @param context {@code [N, C]}; ignored, and may be null, where {@link #context()} is 0
   * @return x and {@code log |det df^-1/dz|}, which is the negative of forward's at x
   * @throws IllegalArgumentException if a shape is another one
   */
  Transformed inverse(INDArray outputs, INDArray context);
}
