package dev.realnvp.engine.arrays;

import java.util.function.IntUnaryOperator;

/** Arrays of rows, {@code [N, D]}, as engines are given them. */
public final class RowArrays {

  private RowArrays() {}

  /**
   * Refuses an array whose size does not fit its rows.
   *
   * @param name of the argument
   * @param length of the array
   * @param rows N
   * @param width values per row
   * @throws IllegalArgumentException if the length is not N times the width
   */
  public static void require(String name, int length, int rows, int width) {
    if (length != (long) rows * width) {
      throw new IllegalArgumentException(
          "%s: got %d values, expected %d rows of %d".formatted(name, length, rows, width));
    }
  }

  /**
   * Copies some rows, column by column.
   *
   * @param from {@code [N, D]}, row-major
   * @param width D
   * @param count how many rows to copy, M
   * @param row the row to copy to a place, 0 to M - 1
   * @param to {@code [D, M]}, the result
   */
  public static void columns(float[] from, int width, int count, IntUnaryOperator row, Floats to) {
    float[] columns = to.ensureCapacity((long) count * width);
    for (int i = 0; i < count; i++) {
      int first = row.applyAsInt(i) * width;
      for (int j = 0; j < width; j++) {
        columns[j * count + i] = from[first + j];
      }
    }
  }
}
