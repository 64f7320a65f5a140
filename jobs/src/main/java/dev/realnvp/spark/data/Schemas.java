package dev.realnvp.spark.data;

import static org.apache.spark.sql.functions.col;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.internal.SQLConf;
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
    // By their places: of names that differ in case only, Spark could not tell which is meant.
    String[] places =
        IntStream.range(0, names.length).mapToObj(i -> "_" + i).toArray(String[]::new);
    return rows.toDF(places)
        .select(
            IntStream.range(0, names.length)
                .mapToObj(i -> col(places[i]).as(fields[i].name(), fields[i].metadata()))
                .toArray(Column[]::new));
  }

  /**
   * The names that Spark takes for a column's: unless {@code spark.sql.caseSensitive} is set, those
   * that differ from it in case too.
   */
  public static List<String> matching(StructType schema, String column) {
    boolean exact = SQLConf.get().caseSensitiveAnalysis();
    return Arrays.stream(schema.fieldNames())
        .filter(name -> exact ? name.equals(column) : name.equalsIgnoreCase(column))
        .toList();
  }

  /**
   * The column that Spark finds by a name; empty where there is none.
   *
   * @param table what messages call it
   * @throws InvalidInputException if there are several
   */
  public static Optional<StructField> find(StructType schema, String column, String table) {
    List<String> names = matching(schema, column);
    if (names.size() > 1) {
      throw new InvalidInputException(
          "Column '%s' of %s could be each of %s; expected names that differ in more than case"
              .formatted(column, table, String.join(", ", names)));
    }
    return names.stream().findFirst().map(name -> schema.apply(name));
  }

  /** The column of that name, whatever characters are in it. */
  public static Column column(String name) {
    return col("`" + name.replace("`", "``") + "`");
  }
}
