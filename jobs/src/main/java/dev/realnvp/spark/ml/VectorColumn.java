package dev.realnvp.spark.ml;

import dev.realnvp.spark.data.InvalidInputException;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * A column of arrays that a model reads.
 *
 * @param name how the user calls it
 * @param what its values are, as messages name them
 * @param width how many values the model takes of each row
 */
record VectorColumn(String name, String what, int width) implements Serializable {

  /**
   * Reads a row's values.
   *
   * @param at the place of the array in the row
   * @param to where they go
   * @param from the place of the first one there
   * @return whether there are some, and all finite
   * @throws InvalidInputException if there are more or fewer
   */
  boolean read(Row row, int at, float[] to, int from) {
    if (row.isNullAt(at)) {
      return false;
    }
    List<Number> values = row.getList(at);
    if (values.size() != width) {
      throw new InvalidInputException(
          "Column '%s' holds a row of %d %s; the model takes %d"
              .formatted(name, values.size(), what, width));
    }
    for (int j = 0; j < width; j++) {
      if (values.get(j) == null) {
        return false;
      }
      to[from + j] = values.get(j).floatValue();
      if (!Float.isFinite(to[from + j])) {
        return false;
      }
    }
    return true;
  }
}
