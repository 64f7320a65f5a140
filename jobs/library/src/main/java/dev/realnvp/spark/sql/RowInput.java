package dev.realnvp.spark.sql;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Schemas;
import dev.realnvp.stored.FeatureColumns;
import dev.realnvp.stored.FeatureColumns.Source;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Where a flow finds in a row of a query what it reads.
 *
 * @param learnt how the features come from columns
 * @param features the places of the columns, in the flow's order, or of the one array of them
 * @param context those of the numbers that the flow is conditioned on
 * @param errors the places of {@link Embeddings#ERRORS}, -1 where there is none
 */
record RowInput(
    FeatureColumns learnt, List<Integer> features, List<Integer> context, List<Integer> errors)
    implements Serializable {

  /**
   * Finds them.
   *
   * @param row the columns of a row
   * @throws InvalidInputException naming the first column that is not there, or of another type
   */
  static RowInput of(QueryFlow flow, StructType row) {
    FeatureColumns learnt = FlowModel.features(flow.stored(), "").learnt();
    List<Integer> features = new ArrayList<>();
    for (Source source : learnt.columns()) {
      features.add(
          source.truth()
              ? place(flow, row, source.name(), DataTypes.BooleanType::equals, "boolean")
              : source.categories().isEmpty()
                  ? place(flow, row, source.name(), NumericType.class::isInstance, "a number")
                  : place(flow, row, source.name(), DataTypes.StringType::equals, "string"));
    }
    if (features.isEmpty()) {
      features.add(vector(flow, row));
    }
    List<Integer> context = new ArrayList<>();
    List<String> names = FlowModel.contextCols(flow.stored());
    for (String name : names) {
      context.add(place(flow, row, name, NumericType.class::isInstance, "a number"));
    }
    if (flow.hasContext() && names.isEmpty()) {
      context.add(
          place(flow, row, "context", RowInput::isNumbers, "an array of numbers, or a vector"));
    }
    List<Integer> errors =
        Embeddings.ERRORS.stream()
            .map(
                name ->
                    Schemas.matching(row, name).isEmpty()
                        ? -1
                        : place(flow, row, name, DataTypes.DoubleType::equals, "double"))
            .toList();
    return new RowInput(learnt, List.copyOf(features), List.copyOf(context), errors);
  }

  private static int place(
      QueryFlow flow, StructType row, String name, Predicate<DataType> fits, String expected) {
    StructField field =
        Schemas.find(row, name, "the row")
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "No column '%s', %s, for flow %s: the row has %s"
                            .formatted(
                                name,
                                expected,
                                flow.place(),
                                String.join(", ", row.fieldNames()))));
    if (!fits.test(field.dataType())) {
      throw new InvalidInputException(
          "Column '%s' for flow %s is of type %s, expected %s"
              .formatted(name, flow.place(), field.dataType().simpleString(), expected));
    }
    return row.fieldIndex(field.name());
  }

  /** The place of the array of features: the only array, or that which embeddings have. */
  private static int vector(QueryFlow flow, StructType row) {
    List<String> arrays =
        Stream.of(row.fields())
            .filter(field -> isNumbers(field.dataType()))
            .map(StructField::name)
            .toList();
    String name = arrays.size() == 1 ? arrays.get(0) : Embeddings.COLUMN;
    return place(flow, row, name, RowInput::isNumbers, "an array of numbers, or a vector");
  }

  private static boolean isNumbers(DataType type) {
    return type.equals(SQLDataTypes.VectorType())
        || type instanceof ArrayType array && array.elementType() instanceof NumericType;
  }

  /** The columns of errors that rows have. */
  List<String> knownErrors() {
    return Embeddings.ERRORS.stream()
        .filter(name -> errors.get(Embeddings.ERRORS.indexOf(name)) >= 0)
        .toList();
  }

  /** A row as the columns of scores/ read it: label, errors, features, context. */
  Row read(Row row) {
    return RowFactory.create(
        null,
        errors.get(0) < 0 ? null : row.get(errors.get(0)),
        errors.get(1) < 0 ? null : row.get(errors.get(1)),
        features(row),
        context.isEmpty() ? null : numbers(row, context));
  }

  private float[] features(Row row) {
    float[] x;
    if (learnt.columns().isEmpty()) {
      x = array(row, features.get(0));
    } else {
      Object[] values = new Object[features.size()];
      for (int j = 0; j < values.length; j++) {
        values[j] = row.get(features.get(j));
      }
      x = learnt.encode(values);
    }
    if (x != null && learnt.kinds()) {
      for (int j = 0; j < x.length; j++) {
        x[j] = Float.isFinite(x[j]) ? x[j] : Float.NaN;
      }
    } else if (x != null) {
      learnt.impute(x);
    }
    return x;
  }

  private static float[] numbers(Row row, List<Integer> places) {
    if (places.size() == 1 && !(row.get(places.get(0)) instanceof Number)) {
      return array(row, places.get(0));
    }
    float[] numbers = new float[places.size()];
    for (int j = 0; j < numbers.length; j++) {
      numbers[j] = row.get(places.get(j)) instanceof Number n ? n.floatValue() : Float.NaN;
    }
    return numbers;
  }

  /** Null for null. */
  private static float[] array(Row row, int at) {
    if (row.isNullAt(at)) {
      return null;
    }
    List<? extends Number> values =
        row.get(at) instanceof Vector vector
            ? Arrays.stream(vector.toArray()).boxed().toList()
            : row.getList(at);
    float[] floats = new float[values.size()];
    for (int j = 0; j < floats.length; j++) {
      floats[j] = values.get(j) == null ? Float.NaN : values.get(j).floatValue();
    }
    return floats;
  }
}
