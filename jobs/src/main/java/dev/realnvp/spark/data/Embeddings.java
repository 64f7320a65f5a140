package dev.realnvp.spark.data;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_max;
import static org.apache.spark.sql.functions.array_min;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.types.DataTypes.ByteType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.ShortType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;

/** The table {@code embeddings/}: a vector a row, all of the same length and finite. */
public final class Embeddings {
  /** The column of the vectors in {@link #SCHEMA}. */
  public static final String COLUMN = "embedding";

  /** {@code id, split, label, embedding}; the label is null where there are none. */
  public static final StructType SCHEMA =
      new StructType()
          .add("id", LongType, false, "number of the row")
          .add("split", StringType, false, "train or test")
          .add("label", IntegerType, true, "class, from 0; null without classes")
          .add(COLUMN, createArrayType(FloatType, false), false, "features of the row");

  private static final String VALID = "valid";
  private static final String HASH = "hash";

  private Embeddings() {}

  /**
   * Opens a table as {@code extract-embeddings} writes it; {@link #read(SparkSession, String,
   * String, InvalidRows)} with the column of the schema, refusing invalid rows.
   */
  public static EmbeddingTable read(SparkSession spark, String path) {
    return read(spark, path, COLUMN, InvalidRows.REFUSE);
  }

  /**
   * Opens any Parquet with a column of float or double arrays, brings it to {@link #SCHEMA}, and
   * checks all of it in one pass over the data. Doubles become floats. The columns {@code id},
   * {@code split} and {@code label} are taken where they are; else ids are given (increasing, not
   * consecutive), all rows belong to {@code train}, and labels are null.
   *
   * @param column the column of the embeddings
   * @param policy what to do with rows whose embedding is null or holds a null, NaN, infinite
   *     value, or one beyond a float
   * @throws InvalidInputException if it is not there, not Parquet, without the column, or empty; if
   *     the column is no array of floats or doubles, rows differ in length, invalid rows are to be
   *     refused or are all there is, an id is null, a split is neither train nor test, or a label
   *     is negative or in some rows only
   */
  public static EmbeddingTable read(
      SparkSession spark, String path, String column, InvalidRows policy) {
    ParquetInput input = ParquetInput.open(spark, path);
    input.require(
        column,
        createArrayType(FloatType, true),
        createArrayType(FloatType, false),
        createArrayType(DoubleType, true),
        createArrayType(DoubleType, false));
    Dataset<Row> rows = normalise(input, column);
    Dataset<Row> checked = rows.withColumn(VALID, valid()).withColumn(HASH, hash(input.has("id")));
    Figures figures = input.aggregate(checked, aggregates());
    String name = input.name();
    long all = figures.count("rows");
    long invalid = figures.count("invalid");
    int features = features(name, column, figures);
    check(name, column, all, invalid, figures.count("nullIds"), policy);
    if (features == 0) {
      throw new InvalidInputException(
          "Column '%s' of %s holds empty arrays only".formatted(column, name));
    }
    return new EmbeddingTable(
        (invalid > 0 ? rows.where(valid()) : rows)
            .withColumn("label", col("label").cast(IntegerType)),
        name,
        all - invalid,
        features,
        figures.classes(name, all - invalid),
        figures.splits(name, rows),
        invalid,
        figures.fingerprint(all - invalid));
  }

  /** As the schema, but with labels as they are, up to 64 bits, to be checked. */
  private static Dataset<Row> normalise(ParquetInput input, String column) {
    List<Column> columns = new ArrayList<>();
    if (input.has("id")) {
      input.require("id", LongType, IntegerType, ShortType, ByteType);
      columns.add(col("id").cast(LongType));
    } else {
      columns.add(functions.monotonically_increasing_id().as("id"));
    }
    if (input.has("split")) {
      input.require("split", StringType);
      columns.add(col("split"));
    } else {
      columns.add(lit(Split.TRAIN).as("split"));
    }
    if (input.has("label")) {
      input.require("label", IntegerType, LongType, ShortType, ByteType);
      columns.add(col("label").cast(LongType).as("label"));
    } else {
      columns.add(lit(null).cast(LongType).as("label"));
    }
    boolean nulls = ((ArrayType) input.type(column)).containsNull();
    columns.add(
        col("`" + column.replace("`", "``") + "`")
            .cast(createArrayType(FloatType, nulls))
            .as(COLUMN));
    return input.rows().select(columns.toArray(Column[]::new));
  }

  /**
   * No missing embedding or value, NaN, or infinity. Whether an array without NaN has it is unknown
   * to SQL, null, where a value is null.
   */
  private static Column valid() {
    Column finite =
        array_max(col(COLUMN))
            .lt(lit(Float.POSITIVE_INFINITY))
            .and(array_min(col(COLUMN)).gt(lit(Float.NEGATIVE_INFINITY)));
    return coalesce(
        not(array_contains(col(COLUMN), lit(Float.NaN))).and(coalesce(finite, lit(true))),
        lit(false));
  }

  /** Ids that were given here depend on how Spark cuts the files, so they are no content. */
  private static Column hash(boolean ids) {
    return ids
        ? Figures.hash(col("id"), col("split"), col("label"), col(COLUMN))
        : Figures.hash(col("split"), col("label"), col(COLUMN));
  }

  private static Map<String, Column> aggregates() {
    Column length = when(col(COLUMN).isNotNull(), size(col(COLUMN)));
    Column valid = col(VALID);
    Map<String, Column> aggregates = new LinkedHashMap<>();
    aggregates.put("rows", functions.count(lit(1)));
    aggregates.put("invalid", Figures.countIf(not(valid)));
    aggregates.put("nullIds", Figures.countIf(col("id").isNull()));
    aggregates.put("shortest", functions.min(length));
    aggregates.put("longest", functions.max(length));
    aggregates.putAll(Figures.labelRange(valid, col("label")));
    aggregates.putAll(Figures.splitCounts(valid, col("split")));
    aggregates.putAll(Figures.hashes(valid, col(HASH)));
    return aggregates;
  }

  private static int features(String name, String column, Figures figures) {
    if (figures.count("rows") == 0) {
      throw new InvalidInputException(name + " holds no rows");
    }
    long shortest = figures.count("shortest");
    long longest = figures.count("longest");
    if (shortest != longest) {
      throw new InvalidInputException(
          "Column '%s' of %s holds rows of unequal length, from %d to %d values"
              .formatted(column, name, shortest, longest));
    }
    return (int) shortest;
  }

  private static void check(
      String name, String column, long all, long invalid, long nullIds, InvalidRows policy) {
    if (invalid == all) {
      throw new InvalidInputException(
          "Column '%s' of %s is null, NaN or infinite in all %s"
              .formatted(column, name, Text.count(all, "row")));
    }
    if (invalid > 0 && policy == InvalidRows.REFUSE) {
      throw new InvalidInputException(
          "Column '%s' of %s is null, NaN or infinite in %d of %s: use --skip-invalid to leave them out"
              .formatted(column, name, invalid, Text.count(all, "row")));
    }
    if (nullIds > 0) {
      throw new InvalidInputException(
          "Column 'id' of %s is null in %s".formatted(name, Text.count(nullIds, "row")));
    }
  }
}
