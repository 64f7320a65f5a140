package dev.realnvp.spark.table;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_max;
import static org.apache.spark.sql.functions.array_min;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;

/** The rows of any table of vectors, converted to the columns of {@link Embeddings#SCHEMA}. */
final class EmbeddingRows {

  /** The column that says whether a row has a label, named or not. */
  static final String LABELLED = "labelled";

  private EmbeddingRows() {}

  /** Like the schema, but with unchecked labels of up to 64 bits. */
  static Dataset<Row> normalise(
      TableInput input, EmbeddingQuery query, String label, LabelNames names) {
    List<Column> columns = new ArrayList<>();
    if (input.has("id")) {
      input.require("id", Embeddings.WHOLE);
      columns.add(col("id").cast(LongType).as("id"));
    } else {
      columns.add(functions.monotonically_increasing_id().as("id"));
    }
    if (input.has("split")) {
      input.require("split", StringType);
      columns.add(col("split").as("split"));
    } else {
      columns.add(lit(Split.TRAIN).as("split"));
    }
    Column labels = lit(null).cast(LongType);
    Column labelled = lit(false);
    if (input.has(label)) {
      boolean named = input.type(label).equals(StringType);
      labels = named ? names.label(Schemas.column(label)) : Schemas.column(label);
      labelled = Schemas.column(label).isNotNull();
    }
    columns.add(labels.cast(LongType).as("label"));
    columns.add(vector(input, query).as(Embeddings.COLUMN));
    for (String error : Embeddings.ERRORS) {
      if (input.has(error)) {
        input.require(error, DoubleType, FloatType);
        columns.add(col(error).cast(DoubleType).as(error));
      }
    }
    columns.add(labelled.as(LABELLED));
    if (query.weight().isEmpty()) {
      return input.rows().select(columns.toArray(Column[]::new));
    }
    input.requireNumbers(query.weight());
    columns.add(Schemas.column(query.weight()).cast(DoubleType).as(Embeddings.WEIGHT));
    return input
        .rows()
        .select(columns.toArray(Column[]::new))
        .where(coalesce(col(Embeddings.WEIGHT).notEqual(0), lit(true)));
  }

  /** The features, and behind them the numbers to condition on. */
  private static Column vector(TableInput input, EmbeddingQuery query) {
    boolean nulls = ((ArrayType) input.type(query.features())).containsNull();
    Column features = Schemas.column(query.features()).cast(createArrayType(FloatType, nulls));
    if (query.context().isEmpty()) {
      return features;
    }
    query.context().forEach(input::requireNumbers);
    Column[] numbers =
        query.context().stream()
            .map(name -> Schemas.column(name).cast(FloatType))
            .toArray(Column[]::new);
    return functions.concat(features, functions.array(numbers));
  }

  /**
   * Neither embedding nor value is missing, NaN or infinite. For an array with a null, SQL does not
   * know whether it contains NaN: the result is null.
   */
  static Column valid() {
    Column finite =
        array_max(col(Embeddings.COLUMN))
            .lt(lit(Float.POSITIVE_INFINITY))
            .and(array_min(col(Embeddings.COLUMN)).gt(lit(Float.NEGATIVE_INFINITY)));
    return coalesce(
        not(array_contains(col(Embeddings.COLUMN), lit(Float.NaN)))
            .and(coalesce(finite, lit(true))),
        lit(false));
  }

  /** Ids that were assigned here depend on how Spark splits the files, so they are not content. */
  static Column hash(boolean ids, boolean weighted) {
    List<Column> content = new ArrayList<>();
    if (ids) {
      content.add(col("id"));
    }
    content.addAll(List.of(col("split"), col("label"), col(Embeddings.COLUMN)));
    if (weighted) {
      content.add(col(Embeddings.WEIGHT));
    }
    return TableStatistics.hash(content.toArray(Column[]::new));
  }

  /** The column of the labels; {@code label} if none is named, whether it exists or not. */
  static String labelColumn(TableInput input, EmbeddingQuery query) {
    if (query.label().isEmpty()) {
      return "label";
    }
    input.require(query.label());
    return query.label();
  }
}
