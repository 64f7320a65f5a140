package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.rint;
import static org.apache.spark.sql.functions.when;

import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.inference.Explanations;
import dev.realnvp.spark.inference.FlowTransform.Output;
import dev.realnvp.spark.inference.ScoreColumns;
import dev.realnvp.spark.table.Schemas;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Columns of data sets as the stages take them, and what they say of those that they do not. */
final class Columns {

  private static final List<DataType> REAL = List.of(DataTypes.DoubleType, DataTypes.FloatType);

  private static final String NUMBERS = "vector, array<float> or array<double>";
  private static final String CONTEXT = "contextCol";

  /** Up to here a double holds every whole number. */
  private static final double MOST_WHOLE = 0x1p53;

  private Columns() {}

  /** The type of a column, which must be there. */
  private static DataType type(StructType schema, String column, String what) {
    return Schemas.find(schema, column, "the data set")
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "No column '%s' for %s: the data set has %s"
                        .formatted(column, what, String.join(", ", schema.fieldNames()))))
        .dataType();
  }

  private static DataType type(StructType schema, String column) {
    return type(schema, column, "a stage");
  }

  private static void require(
      StructType schema, String column, String what, Predicate<DataType> fits, String expected) {
    DataType type = type(schema, column, what);
    if (!fits.test(type)) {
      throw new InvalidInputException(
          "Column '%s' for %s is of type %s, expected %s"
              .formatted(column, what, type.simpleString(), expected));
    }
  }

  /** Appends a column, unless Spark takes its name for that of one which is there already. */
  static StructType append(StructType schema, StructField field, String param) {
    String column = field.name();
    List<String> taken = Schemas.matching(schema, column);
    if (!taken.isEmpty()) {
      throw new InvalidInputException(
          "Column '%s' of %s is in the data set already%s"
              .formatted(
                  column, param, taken.contains(column) ? "" : ", as '" + taken.get(0) + "'"));
    }
    return schema.add(field);
  }

  /** The same with a column that has a value in each row. */
  static StructType append(
      StructType schema, String column, DataType type, String comment, String param) {
    return append(
        schema, new StructField(column, type, false, Metadata.empty()).withComment(comment), param);
  }

  /**
   * The columns that a flow adds to a data set, in their order, by the parameters that name them.
   *
   * @param classes whether the flow has classes: without them, what is of classes is left out
   * @param detector by density; null without a calibration
   */
  static Map<String, Output> ofFlow(
      FlowColumns<?> stage, boolean classes, AnomalyDetector detector) {
    Map<String, Output> all =
        ScoreColumns.ofStage(
            detector, classes, param -> stage.getOrDefault(stage.getParam(param)).toString());
    all.put(
        "explanationCol",
        Explanations.column(stage.getExplanationCol(), stage.getExplanations(), List.of()));
    all.values().removeIf(output -> output.field().name().isEmpty());
    return all;
  }

  /** The same with several columns, by the parameters that name them. */
  static StructType append(StructType schema, Map<String, Output> outputs) {
    StructType appended = schema;
    for (Map.Entry<String, Output> output : outputs.entrySet()) {
      appended = append(appended, output.getValue().field(), output.getKey());
    }
    return appended;
  }

  /**
   * Refuses a name that means something else where rows are read to train on.
   *
   * @param reserved such names
   */
  static void requireOther(String column, String param, List<String> reserved) {
    if (reserved.stream().anyMatch(column::equalsIgnoreCase)) {
      throw new InvalidInputException(
          "Column '%s' for %s: expected another name than %s, which a training reads as what they"
                  .formatted(column, param, String.join(", ", reserved))
              + " say; rename it");
    }
  }

  static void requireFeatures(StructType schema, String column) {
    require(schema, column, "featuresCol", Columns::isNumbers, NUMBERS);
  }

  /** Checks that a column holds classes, or numbers to condition on. */
  static void requireContext(StructType schema, String column) {
    require(
        schema,
        column,
        CONTEXT,
        type -> type instanceof NumericType || type.equals(DataTypes.StringType) || isNumbers(type),
        "classes (whole numbers of any type, or strings) or " + NUMBERS);
  }

  /** Checks that a column holds the numbers that a flow is conditioned on. */
  static void requireNumbers(StructType schema, String column) {
    require(schema, column, CONTEXT, Columns::isNumbers, NUMBERS);
  }

  /** Whether a column that is there holds vectors of numbers. */
  static boolean holdsNumbers(StructType schema, String column) {
    return isNumbers(type(schema, column));
  }

  private static boolean isNumbers(DataType type) {
    return isVector(type) || isArray(type);
  }

  static void require(StructType schema, String column, String what, DataType expected) {
    require(schema, column, what, expected::equals, expected.simpleString());
  }

  static void requireNumeric(StructType schema, String column, String what) {
    require(schema, column, what, NumericType.class::isInstance, "numbers");
  }

  private static boolean isVector(DataType type) {
    return type.equals(SQLDataTypes.VectorType());
  }

  private static boolean isArray(DataType type) {
    return type instanceof ArrayType array && REAL.contains(array.elementType());
  }

  static DenseVector vector(float[] values) {
    return new DenseVector(IntStream.range(0, values.length).mapToDouble(j -> values[j]).toArray());
  }

  /**
   * Classes as whole numbers or strings; null where they are, or are NaN, which is how data sets
   * that cannot hold null say that a label is missing.
   *
   * @throws InvalidInputException if one is fractional, infinite, or beyond what a double counts
   */
  static Column labels(Dataset<?> data, String column) {
    Column labels = Schemas.column(column);
    DataType type = type(data.schema(), column);
    if (type.equals(DataTypes.StringType)) {
      return labels;
    }
    if (isWhole(type)) {
      return labels.cast(DataTypes.LongType);
    }
    Column number = labels.cast(DataTypes.DoubleType);
    // To Spark, NaN equals NaN, and as a whole number it is 0.
    Column label = when(not(isnan(number)), number);
    Column whole = rint(label).equalTo(label).and(abs(label).lt(MOST_WHOLE));
    List<Row> some = data.toDF().where(not(whole)).select(labels).limit(1).collectAsList();
    if (!some.isEmpty()) {
      throw new InvalidInputException(
          "Column '%s' for contextCol holds %s, expected whole numbers or strings"
              .formatted(column, some.get(0).get(0)));
    }
    return label.cast(DataTypes.LongType);
  }

  private static boolean isWhole(DataType type) {
    return List.of(
            DataTypes.LongType, DataTypes.IntegerType, DataTypes.ShortType, DataTypes.ByteType)
        .contains(type);
  }
}
