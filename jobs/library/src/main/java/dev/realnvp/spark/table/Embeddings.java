package dev.realnvp.spark.table;

import static org.apache.spark.sql.functions.abs;
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

import dev.realnvp.flow.Moments;
import dev.realnvp.scores.Calibration;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.failure.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** The table {@code embeddings/}: one vector per row, all of the same length and finite. */
public final class Embeddings {
  /** The column of the vectors in {@link #SCHEMA}. */
  public static final String COLUMN = "embedding";

  /** {@code id, split, label, embedding}; the label is null without labels. */
  public static final StructType SCHEMA =
      new StructType()
          .add("id", LongType, false, "number of the row")
          .add("split", StringType, false, "train or test")
          .add("label", IntegerType, true, "class, from 0; null without classes")
          .add(COLUMN, createArrayType(FloatType, false), false, "features of the row");

  /** The column of what embeddings lose of their images, if it is known. */
  public static final String RECONSTRUCTION_ERROR = Calibration.RECONSTRUCTION_ERROR;

  /** The column of what embeddings lose, in proportion to what there is in their images. */
  public static final String RELATIVE_ERROR = Calibration.RELATIVE_ERROR;

  public static final List<String> ERRORS = List.of(RECONSTRUCTION_ERROR, RELATIVE_ERROR);

  /** {@link #SCHEMA} with these columns. */
  public static final StructType RECONSTRUCTED =
      SCHEMA
          .add(
              RECONSTRUCTION_ERROR,
              DoubleType,
              true,
              "binary cross-entropy of the image under its decoded embedding, nats per pixel")
          .add(
              RELATIVE_ERROR,
              DoubleType,
              true,
              "root of its KL divergence from the image over that of the image's mean colour: 0 if"
                  + " nothing is lost, 1 if the mean would be as near");

  /** The column of what else rows keep of their table: what scores are written behind. */
  public static final String PASSED = "passed";

  /** The column of the weights, if rows have them. */
  public static final String WEIGHT = "weight";

  private static final String VALID = "valid";
  private static final String HASH = "hash";
  private static final String SEEN = "seen";
  static final DataType[] WHOLE = {LongType, IntegerType, ShortType, ByteType};
  private static final DataType[] WHOLE_OR_STRING = {
    LongType, IntegerType, ShortType, ByteType, StringType
  };

  private Embeddings() {}

  /**
   * As {@link #read(SparkSession, String, EmbeddingQuery, LabelNames)}, with the table's own
   * labels: strings are numbered in sorted order.
   */
  public static EmbeddingTable read(SparkSession spark, String path, EmbeddingQuery query) {
    return read(query.open(spark, path, LabelNames.NONE), query, Optional.empty(), WHOLE_OR_STRING);
  }

  /**
   * Opens any table with a column of float or double arrays, brings it to {@link #SCHEMA}, and
   * checks all of it in one pass over the data. Doubles become floats. The query's context stands
   * behind the features of each row. The columns {@code id} and {@code split} are taken where they
   * are; else ids are given, which follow from what rows hold and decide about no model, and all
   * rows belong to {@code train}. Labels are null where there is no column of them. Rows of weight
   * 0 are left out. Columns of {@link #ERRORS} are kept where they have values, in double.
   *
   * @param names of the classes, which require labels that are strings; other strings become null
   *     labels. {@link LabelNames#NONE} if labels must be whole numbers
   * @throws InvalidInputException if it does not exist, cannot be read, lacks a column, or is
   *     empty; if a column has another type, rows differ in length, invalid rows must be refused or
   *     are the only ones, an id is null, a split is neither train nor test, a label is negative or
   *     in some rows only, or a weight or an error is null, negative or not finite
   * @throws ConfigurationException if the query's predicate is invalid for the table
   */
  public static EmbeddingTable read(
      SparkSession spark, String path, EmbeddingQuery query, LabelNames names) {
    return read(
        query.open(spark, path, names),
        query,
        Optional.of(names),
        names.isEmpty() ? WHOLE : new DataType[] {StringType});
  }

  /**
   * Checks a data set of a program, as {@link #read(SparkSession, String, EmbeddingQuery)} checks a
   * table.
   *
   * @param skipping how a caller can leave invalid rows out, for messages
   */
  public static EmbeddingTable of(Dataset<Row> rows, EmbeddingQuery query, String skipping) {
    return read(
        TableInput.of(rows, skipping).where(query.where()),
        query,
        Optional.empty(),
        WHOLE_OR_STRING);
  }

  private static EmbeddingTable read(
      TableInput input, EmbeddingQuery query, Optional<LabelNames> names, DataType... labelTypes) {
    EmbeddingRows given = EmbeddingRows.of(input, query, names, labelTypes);
    return read(given, given.encoder(), query.holdOut().flatMap(HoldOut::copies));
  }

  /**
   * @param copies whether there are many; empty to look
   */
  private static EmbeddingTable read(
      EmbeddingRows given, Features learnt, Optional<Boolean> copies) {
    EmbeddingQuery query = given.query();
    LabelNames names = given.names();
    EmbeddingRows table = given.parted(learnt, copies.orElse(false));
    TableInput input = table.input();
    double share = table.heldOut().map(HoldOut::share).orElse(0.0);
    Features encoder = table.imputing(learnt);
    Dataset<Row> rows = table.normalised(encoder);
    boolean weighted = !query.weight().isEmpty();
    Dataset<Row> checked =
        rows.withColumn(VALID, EmbeddingRows.valid(encoder))
            .withColumn(HASH, table.hash(rows, encoder))
            .withColumn(SEEN, TableStatistics.hash(col("split"), col("label"), col(COLUMN)));
    List<String> there = ERRORS.stream().filter(input::has).toList();
    Map<String, Column> aggregates = aggregates(weighted, there);
    boolean looks = share > 0 && copies.isEmpty();
    if (looks) {
      aggregates.put("distinct", HoldOut.distinct(when(col(VALID), col(COLUMN))));
    }
    TableStatistics figures = input.aggregate(checked, aggregates);
    if (looks
        && HoldOut.hasManyCopies(
            figures.count(Split.TRAIN) + figures.count(Split.TEST),
            figures.count("distinct"),
            figures.count(Split.TEST),
            share)) {
      return read(given, learnt, Optional.of(true));
    }
    List<String> errors = there.stream().filter(e -> figures.count(known(e)) > 0).toList();
    List<String> unknown = there.stream().filter(e -> !errors.contains(e)).toList();
    String name = input.name();
    long all = figures.rows(name);
    long invalid = figures.count("invalid");
    int features = features(name, query.vector(), figures);
    check(input, query, encoder, figures, errors);
    if (features == 0) {
      throw new InvalidInputException(
          "Column '%s' of %s holds empty arrays only".formatted(query.vector(), name));
    }
    int classes = figures.classes(name, table.label(), all - invalid);
    return new EmbeddingTable(
        (invalid > 0 ? rows.where(EmbeddingRows.valid(encoder)) : rows)
            .withColumn("label", col("label").cast(IntegerType))
            .drop(EmbeddingRows.LABELLED, EmbeddingRows.NAMELESS)
            .drop(unknown.toArray(String[]::new)),
        name,
        all - invalid,
        features,
        classes == 0 || names.isEmpty() ? classes : names.size(),
        names,
        figures.splits(name, rows),
        weighted ? figures.weights() : Map.of(),
        invalid,
        figures.fingerprint(all - invalid),
        "%x-%x".formatted(figures.count("seenXor"), figures.count("seenLow")),
        table.identified(),
        encoder,
        table.heldOut());
  }

  /**
   * The sum of the weights of each class.
   *
   * @param rows of a table, all labelled and weighted
   * @param classes K
   * @return {@code [K]}
   */
  public static double[] classWeights(Dataset<Row> rows, int classes) {
    double[] weights = new double[classes];
    for (Row row : rows.groupBy("label").agg(ExactSums.sum(col(WEIGHT))).collectAsList()) {
      weights[row.getInt(0)] = row.getDouble(1);
    }
    return weights;
  }

  public static boolean isWeighted(Dataset<Row> rows) {
    return List.of(rows.columns()).contains(WEIGHT);
  }

  private static Map<String, Column> aggregates(boolean weighted, List<String> errors) {
    Column length = when(col(COLUMN).isNotNull(), size(col(COLUMN)));
    Column valid = col(VALID);
    Map<String, Column> aggregates = new LinkedHashMap<>();
    aggregates.put(TableStatistics.ROWS, functions.count(lit(1)));
    aggregates.put("invalid", TableStatistics.countIf(not(valid)));
    aggregates.put("nullIds", TableStatistics.countIf(col(EmbeddingRows.NAMELESS)));
    aggregates.put("shortest", functions.min(length));
    aggregates.put("longest", functions.max(length));
    aggregates.putAll(TableStatistics.labelRange(valid, col(EmbeddingRows.LABELLED), col("label")));
    aggregates.putAll(TableStatistics.splitCounts(valid, col("split")));
    if (weighted) {
      aggregates.putAll(TableStatistics.weightSums(valid, col("split"), col(WEIGHT)));
    }
    for (String error : errors) {
      aggregates.put(known(error), TableStatistics.countIf(valid.and(col(error).isNotNull())));
      Column finite = abs(col(error)).lt(lit(Double.POSITIVE_INFINITY));
      aggregates.put(
          bad(error), TableStatistics.countIf(valid.and(not(coalesce(finite, lit(false))))));
    }
    aggregates.putAll(TableStatistics.hashes(valid, col(HASH)));
    aggregates.put("seenXor", functions.bit_xor(when(valid, col(SEEN))));
    aggregates.put("seenLow", functions.sum(when(valid, col(SEEN).bitwiseAND(0xFFFFFFL))));
    return aggregates;
  }

  /** What the number of rows with such a value is called; none have one in scores of a table. */
  private static String known(String error) {
    return "known " + error;
  }

  /** What the number of rows with no such number is called. */
  private static String bad(String error) {
    return "bad " + error;
  }

  private static int features(String name, String column, TableStatistics figures) {
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
      TableInput input,
      EmbeddingQuery query,
      Features encoder,
      TableStatistics figures,
      List<String> errors) {
    String name = input.name();
    String column = query.vector();
    long all = figures.rows(name);
    long invalid = figures.count("invalid");
    if (invalid == all) {
      throw new InvalidInputException(
          "Column '%s' of %s is null, NaN or infinite in all %s%s"
              .formatted(column, name, Text.count(all, "row"), encoder.mostMissing(input)));
    }
    if (invalid > 0 && query.invalid() == InvalidRows.REFUSE) {
      throw new InvalidInputException(
          "Column '%s' of %s is null, NaN or infinite in %d of %s%s: %s"
              .formatted(
                  column,
                  name,
                  invalid,
                  Text.count(all, "row"),
                  encoder.mostMissing(input),
                  input.skipping()));
    }
    refuse(
        figures.count("nullIds"),
        "Column '%s' of %s is null"
            .formatted(query.ids().isEmpty() ? "id" : String.join(", ", query.ids()), name));
    for (String error : errors) {
      refuse(
          figures.count(bad(error)),
          "Column '%s' of %s is null, NaN or infinite".formatted(error, name));
    }
    refuse(
        figures.count("badWeights"),
        "Column '%s' of %s is null, negative, NaN or infinite".formatted(query.weight(), name));
  }

  private static void refuse(long rows, String what) {
    if (rows > 0) {
      throw new InvalidInputException(what + " in " + Text.count(rows, "row"));
    }
  }

  /** The values of a vector, as a row holds it. */
  public static float[] floats(List<Float> values) {
    float[] floats = new float[values.size()];
    for (int j = 0; j < floats.length; j++) {
      floats[j] = values.get(j);
    }
    return floats;
  }

  /**
   * Reads the rows once. The result does not depend on the order of the rows.
   *
   * @param rows of an {@link EmbeddingTable}, for example {@code table.split("train")}; rows count
   *     by their weights if they have any, as floats, as in training
   */
  public static Moments moments(Dataset<Row> rows) {
    Column weight = isWeighted(rows) ? col(WEIGHT) : lit(1.0);
    return moments(
        rows.select(col(COLUMN), weight).queryExecution().toRdd().toJavaRDD(),
        row -> row.getArray(0).toFloatArray(),
        row -> (float) row.getDouble(1),
        0);
  }

  /**
   * The same of rows of any kind.
   *
   * @param context how many values at the end of an embedding are no features
   */
  public static <R> Moments moments(
      JavaRDD<R> rows, Function<R, float[]> embedding, Function<R, Float> weight, int context) {
    // No moments to start from: they are large, and Spark would send them with each stage.
    Moments all =
        rows.treeAggregate(
            null,
            (moments, row) -> {
              float[] values = embedding.call(row);
              Moments sums = moments == null ? new Moments(values.length - context) : moments;
              sums.add(values, weight.call(row));
              return sums;
            },
            (moments, more) -> {
              if (moments == null || more == null) {
                return moments == null ? more : moments;
              }
              moments.add(more);
              return moments;
            });
    return all == null ? new Moments(0) : all;
  }
}
