package dev.realnvp.spark.inference;

import dev.realnvp.spark.failure.InvalidInputException;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;

/**
 * A column of arrays that a model reads.
 *
 * @param name how the user calls it
 * @param what its values are, as messages name them
 * @param width how many values the model takes of each row
 */
record VectorColumn(String name, String what, int width) {

  /**
   * Reads a row's values.
   *
   * @param at the place of the array in the row, of numbers or of floats
   * @param to where they go; NaN where there are none
   * @param from the place of the first one there
   * @return whether there are some, and all finite
   * @throws InvalidInputException if there are more or fewer
   */
  boolean read(Row row, int at, float[] to, int from) {
    if (!row.isNullAt(at) && row.get(at) instanceof float[] floats) {
      requireWidth(floats.length);
      System.arraycopy(floats, 0, to, from, width);
      return IntStream.range(0, width).allMatch(j -> Float.isFinite(floats[j]));
    }
    List<Number> values = row.isNullAt(at) ? null : row.getList(at);
    if (values != null) {
      requireWidth(values.size());
    }
    boolean finite = true;
    for (int j = 0; j < width; j++) {
      Number value = values == null ? null : values.get(j);
      to[from + j] = value == null ? Float.NaN : value.floatValue();
      finite &= Float.isFinite(to[from + j]);
    }
    return finite;
  }

  private void requireWidth(int got) {
    if (got != width) {
      throw new InvalidInputException(
          "Column '%s' holds a row of %d %s; the model takes %d".formatted(name, got, what, width));
    }
  }

  /** The values of rows one after the other, {@code [N, width]}. */
  float[] matrix(List<Row> rows, int at) {
    float[] values = new float[Math.multiplyExact(rows.size(), width)];
    for (int i = 0; i < rows.size(); i++) {
      read(rows.get(i), at, values, i * width);
    }
    return values;
  }
}
