package dev.realnvp.spark.table;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.spark.failure.InvalidInputException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Applies schemas to tables. */
public final class Schemas {

  private Schemas() {}

  /**
   * The same rows with the names and comments of the schema's columns. A comment has a value's
   * meaning and unit, and is stored with the table.
   *
   * @param rows with the same number of columns, in the same order
   */
  public static Dataset<Row> describe(Dataset<Row> rows, StructType schema) {
    String[] names = rows.columns();
    StructField[] fields = schema.fields();
    if (names.length != fields.length) {
      throw new IllegalArgumentException(
          "columns: got %s, expected %s"
              .formatted(Arrays.toString(names), Arrays.toString(schema.fieldNames())));
    }
    // By position: Spark cannot distinguish names that differ in case only.
    String[] places =
        IntStream.range(0, names.length).mapToObj(i -> "_" + i).toArray(String[]::new);
    return rows.toDF(places)
        .select(
            IntStream.range(0, names.length)
                .mapToObj(i -> col(places[i]).as(fields[i].name(), fields[i].metadata()))
                .toArray(Column[]::new));
  }

  /**
   * The names that Spark resolves to a column: unless {@code spark.sql.caseSensitive} is set, also
   * those that differ in case.
   */
  public static List<String> matching(StructType schema, String column) {
    boolean exact = SQLConf.get().caseSensitiveAnalysis();
    return Arrays.stream(schema.fieldNames())
        .filter(name -> exact ? name.equals(column) : name.equalsIgnoreCase(column))
        .toList();
  }

  /**
   * The column that Spark finds by a name; empty if there is none.
   *
   * @param table its name in messages
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

  /** An empty set that takes names for equal which Spark takes for equal. */
  public static Set<String> names() {
    return new TreeSet<>(
        SQLConf.get().caseSensitiveAnalysis()
            ? Comparator.naturalOrder()
            : String.CASE_INSENSITIVE_ORDER);
  }

  /**
   * Refuses columns that Spark could not tell apart.
   *
   * @param table its name in messages
   * @throws InvalidInputException naming those that are there twice
   */
  public static void requireDistinct(List<String> columns, String table) {
    Set<String> seen = names();
    List<String> twice = columns.stream().filter(name -> !seen.add(name)).toList();
    if (!twice.isEmpty()) {
      throw new InvalidInputException(
          "%s would be written twice: of %s, and as what is said of its rows; --keep names the columns to keep"
              .formatted(String.join(", ", twice), table));
    }
  }

  /** A column of arrays or of Spark ML's vectors as an array; null where it is. */
  public static Column array(StructType schema, String column) {
    Column values = column(column);
    return find(schema, column, "the table")
            .map(StructField::dataType)
            .filter(SQLDataTypes.VectorType()::equals)
            .isPresent()
        ? functions.when(
            values.isNotNull(), org.apache.spark.ml.functions.vector_to_array(values, "float32"))
        : values;
  }

  /**
   * The number of rows. As {@code count()}, but without a shuffle, and Spark plans no aggregation.
   */
  public static long count(Dataset<Row> rows) {
    return rows.select(new Column[0]).queryExecution().toRdd().count();
  }

  public static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  public static Column column(String name) {
    return col(quoted(name));
  }
}
