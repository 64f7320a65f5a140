package dev.realnvp.spark.neighbours;

import dev.realnvp.spark.summary.LabelledVector;
import dev.realnvp.spark.table.LabelNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The table of samples and held-out rows, each with its nearest train row. */
public final class NeighbourTable {

  /** The value of the column {@code source} for a sample; for another row it is the row's split. */
  public static final String SAMPLE = "sample";

  /** With more, a task would exceed Spark's recommended size. */
  private static final int ROWS_OF_A_FILE = 5000;

  /** Its columns. */
  public static final StructType SCHEMA =
      new StructType()
          .add("source", DataTypes.StringType, false, "sample; or test, a row that was held out")
          .add("id", DataTypes.LongType, false, "of the sample, or of the row in the embeddings")
          .add("label", DataTypes.IntegerType, true, "its class, from 0; null without classes")
          .add(
              "neighbour_id",
              DataTypes.LongType,
              false,
              "the nearest train row's in the embeddings")
          .add("neighbour_label", DataTypes.IntegerType, true, "that row's class")
          .add(
              "distance",
              DataTypes.DoubleType,
              false,
              "Euclidean, between the features in standard deviations");

  private NeighbourTable() {}

  /** A row for each point that has a neighbour. */
  public static List<Row> rows(
      String source, List<LabelledVector> points, List<Neighbour> nearest) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      Neighbour near = nearest.get(i);
      if (near != null) {
        LabelledVector point = points.get(i);
        rows.add(
            RowFactory.create(
                source, point.id(), point.label(), near.id(), near.label(), near.distance()));
      }
    }
    return rows;
  }

  /** The distances of the table's rows with a given source. */
  public static double[] distances(List<Row> rows, String source) {
    return rows.stream()
        .filter(row -> row.getString(SCHEMA.fieldIndex("source")).equals(source))
        .mapToDouble(row -> row.getDouble(SCHEMA.fieldIndex("distance")))
        .toArray();
  }

  /**
   * The table; with the labels' names as last columns, if they have any.
   *
   * @param ids what replaces the ids of the embeddings, if these are no whole numbers: the columns
   *     of ids are strings then; else empty
   */
  public static Dataset<Row> of(
      SparkSession spark, List<Row> rows, LabelNames names, Map<Long, String> ids) {
    List<Row> named = ids.isEmpty() ? rows : rows.stream().map(row -> renamed(row, ids)).toList();
    StructType schema = new StructType();
    for (StructField field : SCHEMA.fields()) {
      boolean text = !ids.isEmpty() && field.dataType().equals(DataTypes.LongType);
      schema =
          schema.add(
              new StructField(
                  field.name(),
                  text ? DataTypes.StringType : field.dataType(),
                  field.nullable(),
                  field.metadata()));
    }
    Dataset<Row> table =
        spark.createDataFrame(
            JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(named, 1 + rows.size() / ROWS_OF_A_FILE),
            schema);
    return names.isEmpty()
        ? table
        : table
            .withColumn("label_name", names.name(functions.col("label")))
            .withColumn("neighbour_label_name", names.name(functions.col("neighbour_label")));
  }

  private static Row renamed(Row row, Map<Long, String> ids) {
    Long id = row.getLong(1);
    return RowFactory.create(
        row.get(0),
        row.getString(0).equals(SAMPLE) ? id.toString() : ids.get(id),
        row.get(2),
        ids.get(row.getLong(3)),
        row.get(4),
        row.get(5));
  }
}
