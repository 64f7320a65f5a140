package dev.realnvp.spark.data;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Opens Parquet that a user names, and checks its columns; every failure is one clear line. */
final class ParquetInput {
  private final String name;
  private final Dataset<Row> rows;

  private ParquetInput(String name, Dataset<Row> rows) {
    this.name = name;
    this.rows = rows;
  }

  /**
   * Opens a Parquet file or folder; no row is read.
   *
   * @throws InvalidInputException if it does not exist, is incomplete, holds no Parquet, or cannot
   *     be read
   */
  static ParquetInput open(SparkSession spark, String path) {
    Location location = Location.of(spark.sparkContext().hadoopConfiguration(), path);
    try {
      if (!location.exists()) {
        throw new InvalidInputException(location.display() + " does not exist: expected Parquet");
      }
      IncompleteFolder.refuse(location);
    } catch (IOException e) {
      throw location.unreadable(e);
    }
    try {
      return new ParquetInput(location.display(), spark.read().parquet(location.path().toString()));
    } catch (Exception e) {
      // Spark throws its checked AnalysisException here without declaring it.
      throw unreadable(location.display(), e);
    }
  }

  String name() {
    return name;
  }

  Dataset<Row> rows() {
    return rows;
  }

  boolean has(String column) {
    return List.of(rows.columns()).contains(column);
  }

  DataType type(String column) {
    return rows.schema().apply(column).dataType();
  }

  /**
   * Checks that a column is there.
   *
   * @throws InvalidInputException naming the columns that are
   */
  void require(String column) {
    if (!has(column)) {
      throw new InvalidInputException(
          name + " has no column '" + column + "', only " + columns(rows.schema()));
    }
  }

  /** Checks that a column is there and of one of the given types. */
  void require(String column, DataType... types) {
    require(column);
    if (!Arrays.asList(types).contains(type(column))) {
      throw new InvalidInputException(
          "Column '%s' of %s is of type %s, expected %s"
              .formatted(
                  column,
                  name,
                  type(column).simpleString(),
                  Arrays.stream(types)
                      .map(DataType::simpleString)
                      .distinct()
                      .collect(Collectors.joining(" or "))));
    }
  }

  /** Runs one aggregation over rows of this input. */
  Figures aggregate(Dataset<Row> of, Map<String, Column> aggregates) {
    Column[] columns =
        aggregates.entrySet().stream()
            .map(entry -> entry.getValue().as(entry.getKey()))
            .toArray(Column[]::new);
    try {
      return new Figures(of.agg(columns[0], Arrays.copyOfRange(columns, 1, columns.length)).head());
    } catch (Exception e) {
      throw unreadable(name, e);
    }
  }

  private static String columns(StructType schema) {
    return schema.isEmpty()
        ? "none at all"
        : Arrays.stream(schema.fieldNames()).collect(Collectors.joining(", "));
  }

  private static InvalidInputException unreadable(String name, Exception e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String reason = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    return new InvalidInputException("Cannot read " + name + " as Parquet: " + reason, e);
  }
}
