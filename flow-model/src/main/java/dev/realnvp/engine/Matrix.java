package dev.realnvp.engine;

/**
 * A row-major matrix inside an array.
 *
 * @param data where it lies
 * @param from the index of its first element
 * @param stride from the start of one row to that of the next
 * @param transposed whether rows and columns are exchanged when it is multiplied
 */
public record Matrix(Floats data, int from, int stride, boolean transposed) {

  /** A matrix from the start of an array on, without gaps. */
  public static Matrix of(Floats data, int columns) {
    return at(data, 0, columns);
  }

  /** A matrix from an index on, without gaps. */
  public static Matrix at(Floats data, int from, int columns) {
    return new Matrix(data, from, columns, false);
  }

  /** Its transpose, where it lies. */
  public Matrix t() {
    return new Matrix(data, from, stride, !transposed);
  }
}
