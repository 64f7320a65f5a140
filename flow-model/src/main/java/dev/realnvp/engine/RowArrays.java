package dev.realnvp.engine;

/** Checks of arrays of rows that are passed to programs. */
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
}
