package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.spark.table.Embeddings;
import java.io.Serializable;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** What a flow is compared with: another measure of how strange a row is. */
@FunctionalInterface
public interface Baseline extends Serializable {

  /** How strange an embedding is, the stranger the greater. */
  double strangeness(float[] row);

  /**
   * How strange rows are, as a column {@code value} in their order.
   *
   * @param embeddings with the columns of embeddings/
   */
  default Dataset<Double> strangeness(Dataset<Row> embeddings) {
    MapFunction<Row, Double> each = row -> strangeness(Embeddings.floats(row.getList(0)));
    return embeddings.select(col(Embeddings.COLUMN)).map(each, Encoders.DOUBLE());
  }
}
