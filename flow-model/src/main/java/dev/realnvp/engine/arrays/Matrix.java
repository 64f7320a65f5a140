package dev.realnvp.engine.arrays;

/**
 * A row-major matrix inside an array.
 *
 * @param data the array
 * @param from the index of its first element
 * @param stride the distance between the starts of two rows
 * @param transposed whether rows and columns are exchanged when it is multiplied
 */
public record Matrix(Floats data, int from, int stride, boolean transposed) {

  /** A matrix without gaps at the start of an array. */
  public static Matrix of(Floats data, int columns) {
    return at(data, 0, columns);
  }

  /** A matrix without gaps that starts at an index. */
  public static Matrix at(Floats data, int from, int columns) {
    return new Matrix(data, from, columns, false);
  }

  /** Its transpose, in place. */
  public Matrix t() {
    return new Matrix(data, from, stride, !transposed);
  }
}
