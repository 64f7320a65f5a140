package dev.realnvp.spark.ml;

import dev.realnvp.spark.data.Schemas;
import dev.realnvp.spark.inference.Batched;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** Adds columns to rows, a batch at a time, with one model a partition. */
abstract class AppendingRows implements MapPartitionsFunction<Row, Row> {

  private final int batch;

  AppendingRows(int batch) {
    this.batch = batch;
  }

  /**
   * The rows with the columns.
   *
   * @param schema of the result, whose metadata it keeps
   */
  final Dataset<Row> appendTo(Dataset<Row> rows, StructType schema) {
    return Schemas.describe(rows.mapPartitions(this, Encoders.row(schema)), schema);
  }

  @Override
  public final Iterator<Row> call(Iterator<Row> rows) {
    return new Batched<>(rows, batch, mapping());
  }

  /** Makes, where it is used, what maps a batch: it may hold a network. */
  abstract Function<List<Row>, List<Row>> mapping();

  /** The first columns of a row, and some values. */
  static Row append(Row row, int kept, Object... values) {
    List<Object> all = new ArrayList<>(kept + values.length);
    for (int i = 0; i < kept; i++) {
      all.add(row.get(i));
    }
    all.addAll(Arrays.asList(values));
    return RowFactory.create(all.toArray());
  }

  /** Some of the values, for a vector. */
  static double[] doubles(float[] from, int start, int count) {
    return IntStream.range(0, count).mapToDouble(j -> from[start + j]).toArray();
  }
}
