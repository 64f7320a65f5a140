package dev.realnvp.spark.data;

import static org.apache.spark.sql.functions.col;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Tables as their schemas say. */
public final class Schemas {

  private Schemas() {}

  /**
   * The same rows with the names of the schema's columns and their comments, which say what a value
   * means and its unit, and are stored with the table.
   *
   * @param rows with as many columns, in the same order
   */
  public static Dataset<Row> describe(Dataset<Row> rows, StructType schema) {
    String[] names = rows.columns();
    StructField[] fields = schema.fields();
    if (names.length != fields.length) {
      throw new IllegalArgumentException(
          "columns: got %s, expected %s"
              .formatted(Arrays.toString(names), Arrays.toString(schema.fieldNames())));
    }
    return rows.select(
        IntStream.range(0, names.length)
            .mapToObj(i -> column(names[i]).as(fields[i].name(), fields[i].metadata()))
            .toArray(Column[]::new));
  }

  /** The column of that name, whatever characters are in it. */
  public static Column column(String name) {
    return col("`" + name.replace("`", "``") + "`");
  }
}
