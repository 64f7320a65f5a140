package dev.realnvp.engine;

/** Arrays of rows, as programs are given them. */
public final class Rows {

  private Rows() {}

  /**
   * Refuses an array of another size than its rows have.
   *
   * @param name of the argument
   * @param length of the array
   * @param rows N
   * @param width values a row
   * @throws IllegalArgumentException if the length is not N times the width
   */
  public static void require(String name, int length, int rows, int width) {
    if (length != (long) rows * width) {
      throw new IllegalArgumentException(
          "%s: got %d values, expected %d rows of %d".formatted(name, length, rows, width));
    }
  }
}
