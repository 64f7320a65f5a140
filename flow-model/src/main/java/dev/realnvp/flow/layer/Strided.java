package dev.realnvp.flow.layer;

import dev.realnvp.engine.Floats;

/** Some columns of row-major arrays: few values a row, copied one by one. */
final class Strided {

  private Strided() {}

  /**
   * {@code to[i, j] = from[i, columns[j]]}; from has {@code width} columns, to as many as asked.
   */
  static void gather(float[] from, int width, int[] columns, float[] to, int rows) {
    int at = 0;
    for (int i = 0; i < rows; i++) {
      int row = i * width;
      for (int column : columns) {
        to[at++] = from[row + column];
      }
    }
  }

  /** {@code to[i, columns[j]] = from[i, j]}, the reverse. */
  static void scatter(float[] from, float[] to, int width, int[] columns, int rows) {
    int at = 0;
    for (int i = 0; i < rows; i++) {
      int row = i * width;
      for (int column : columns) {
        to[row + column] = from[at++];
      }
    }
  }

  /** {@code to[i, columns[j]] += from[i, j]}. */
  static void scatterAdd(float[] from, float[] to, int width, int[] columns, int rows) {
    int at = 0;
    for (int i = 0; i < rows; i++) {
      int row = i * width;
      for (int column : columns) {
        to[row + column] += from[at++];
      }
    }
  }

  /** Copies a block of columns between arrays of different widths; {@code to} grows as needed. */
  static void copy(
      Floats from,
      int fromWidth,
      int fromColumn,
      Floats to,
      int toWidth,
      int toColumn,
      int count,
      int rows) {
    float[] source = from.array();
    float[] target = to.atLeast((long) rows * toWidth);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < count; j++) {
        target[i * toWidth + toColumn + j] = source[i * fromWidth + fromColumn + j];
      }
    }
  }
}
