package dev.realnvp.spark.inference;

import dev.realnvp.flow.Interpolation;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The table of the rows between two rows. */
public final class InterpolationTable {

  /** Its columns. */
  public static final StructType SCHEMA =
      new StructType()
          .add("step", DataTypes.IntegerType, false, "number of the row, from 0")
          .add("weight", DataTypes.DoubleType, false, "of the last row, 0 at the first one, and 1")
          .add(
              "log_prob",
              DataTypes.DoubleType,
              false,
              "log p(x | context), in nats; the context is the labels' by their weights")
          .add(
              "embedding",
              DataTypes.createArrayType(DataTypes.FloatType, false),
              false,
              "features of the row")
          .add(
              "pixels",
              DataTypes.BinaryType,
              true,
              "bytes, as those of samples; null without an autoencoder");

  private InterpolationTable() {}

  /**
   * The table, in one file.
   *
   * @param images of each row; empty where there are none
   */
  public static Dataset<Row> of(SparkSession spark, Interpolation path, List<byte[]> images) {
    List<Row> rows =
        IntStream.range(0, path.weights().length)
            .mapToObj(
                i ->
                    RowFactory.create(
                        i,
                        path.weights()[i],
                        path.logProb()[i],
                        path.values()[i],
                        images.isEmpty() ? null : images.get(i)))
            .toList();
    return spark.createDataFrame(rows, SCHEMA).coalesce(1);
  }
}
