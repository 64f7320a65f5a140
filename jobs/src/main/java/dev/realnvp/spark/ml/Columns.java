package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.rint;
import static org.apache.spark.sql.functions.when;

import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.Schemas;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/** Columns of data sets as the stages take them, and what they say of those that they do not. */
final class Columns {

  private static final List<DataType> REAL = List.of(DataTypes.DoubleType, DataTypes.FloatType);

  private static final String NUMBERS = "vector, array<float> or array<double>";
  private static final String CONTEXT = "contextCol";

  private Columns() {}

  /** The type of a column, which must be there. */
  private static DataType type(StructType schema, String column, String what) {
    if (!Arrays.asList(schema.fieldNames()).contains(column)) {
      throw new InvalidInputException(
          "No column '%s' for %s: the data set has %s"
              .formatted(column, what, String.join(", ", schema.fieldNames())));
    }
    return schema.apply(column).dataType();
  }

  private static InvalidInputException wrongType(
      String column, String what, DataType got, String expected) {
    return new InvalidInputException(
        "Column '%s' for %s is of type %s, expected %s"
            .formatted(column, what, got.simpleString(), expected));
  }

  /** Refuses a name that is taken already. */
  static void requireFree(StructType schema, String column, String param) {
    if (Arrays.asList(schema.fieldNames()).contains(column)) {
      throw new InvalidInputException(
          "Column '%s' of %s is in the data set already".formatted(column, param));
    }
  }

  /** Checks that a column holds vectors of numbers. */
  static void requireFeatures(StructType schema, String column) {
    DataType type = type(schema, column, "featuresCol");
    if (!isNumbers(type)) {
      throw wrongType(column, "featuresCol", type, NUMBERS);
    }
  }

  /** Checks that a column holds classes, or numbers to condition on. */
  static void requireContext(StructType schema, String column) {
    DataType type = type(schema, column, CONTEXT);
    if (!(type instanceof NumericType) && !type.equals(DataTypes.StringType) && !isNumbers(type)) {
      throw wrongType(
          column, CONTEXT, type, "classes (whole numbers of any type, or strings) or " + NUMBERS);
    }
  }

  /** Checks that a column holds the numbers that a flow is conditioned on. */
  static void requireNumbers(StructType schema, String column) {
    DataType type = type(schema, column, CONTEXT);
    if (!isNumbers(type)) {
      throw wrongType(column, CONTEXT, type, NUMBERS);
    }
  }

  /** Whether a column that is there holds vectors of numbers. */
  static boolean holdsNumbers(StructType schema, String column) {
    return isNumbers(schema.apply(column).dataType());
  }

  private static boolean isNumbers(DataType type) {
    return isVector(type) || isArray(type);
  }

  /** Checks that a column is of a type. */
  static void require(StructType schema, String column, String what, DataType expected) {
    DataType type = type(schema, column, what);
    if (!type.equals(expected)) {
      throw wrongType(column, what, type, expected.simpleString());
    }
  }

  /** Checks that a column holds numbers. */
  static void requireNumeric(StructType schema, String column, String what) {
    DataType type = type(schema, column, what);
    if (!(type instanceof NumericType)) {
      throw wrongType(column, what, type, "numbers");
    }
  }

  private static boolean isVector(DataType type) {
    return type.equals(SQLDataTypes.VectorType());
  }

  private static boolean isArray(DataType type) {
    return type instanceof ArrayType array && REAL.contains(array.elementType());
  }

  /** Features as an array; null where they are. Sparse vectors become dense. */
  static Column array(StructType schema, String column) {
    Column features = Schemas.column(column);
    return isVector(schema.apply(column).dataType())
        ? when(features.isNotNull(), functions.vector_to_array(features, "float32"))
        : features;
  }

  /**
   * Classes as whole numbers or strings.
   *
   * @throws InvalidInputException if they are fractional
   */
  static Column labels(Dataset<?> data, String column) {
    Column labels = Schemas.column(column);
    DataType type = data.schema().apply(column).dataType();
    if (type.equals(DataTypes.StringType)) {
      return labels;
    }
    if (type instanceof NumericType && !isWhole(type)) {
      Column fractional = labels.isNotNull().and(rint(labels).equalTo(labels).unary_$bang());
      List<Row> some = data.toDF().where(fractional).select(labels).limit(1).collectAsList();
      if (!some.isEmpty()) {
        throw new InvalidInputException(
            "Column '%s' for contextCol holds %s, expected whole numbers or strings"
                .formatted(column, some.get(0).get(0)));
      }
    }
    return labels.cast(DataTypes.LongType);
  }

  private static boolean isWhole(DataType type) {
    return List.of(
            DataTypes.LongType, DataTypes.IntegerType, DataTypes.ShortType, DataTypes.ByteType)
        .contains(type);
  }
}
