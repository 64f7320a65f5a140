package dev.realnvp.spark.neighbours;

import dev.realnvp.spark.summary.LabelledVector;
import dev.realnvp.spark.table.LabelNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The table of samples and held-out rows, each with its nearest train row. */
public final class NeighbourTable {

  /** The value of the column {@code source} for a sample; for another row it is the row's split. */
  public static final String SAMPLE = "sample";

  /** With more, a task would exceed Spark's recommended size. */
  private static final int ROWS_OF_A_FILE = 5000;

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

  public static double[] distances(List<Row> rows, String source) {
    return rows.stream()
        .filter(row -> row.getString(SCHEMA.fieldIndex("source")).equals(source))
        .mapToDouble(row -> row.getDouble(SCHEMA.fieldIndex("distance")))
        .toArray();
  }

  /**
   * The table; with the labels' names as last columns, if they have any.
   *
   * @param ids strings for the ids of rows, where these are no whole numbers; else empty
   */
  public static Dataset<Row> of(
      SparkSession spark, List<Row> rows, LabelNames names, Map<Long, String> ids) {
    Dataset<Row> table =
        spark.createDataFrame(
            JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(rows, 1 + rows.size() / ROWS_OF_A_FILE),
            SCHEMA);
    if (!ids.isEmpty()) {
      UDF1<Long, String> id = ids::get;
      UserDefinedFunction named = functions.udf(id, DataTypes.StringType);
      Column sample = functions.col("source").equalTo(SAMPLE);
      Column own = functions.col("id");
      table =
          table
              .withColumn(
                  "id", functions.when(sample, own.cast("string")).otherwise(named.apply(own)))
              .withColumn("neighbour_id", named.apply(functions.col("neighbour_id")));
    }
    return names.isEmpty()
        ? table
        : table
            .withColumn("label_name", names.name(functions.col("label")))
            .withColumn("neighbour_label_name", names.name(functions.col("neighbour_label")));
  }
}
