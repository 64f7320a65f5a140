package dev.realnvp.spark.inference;

import java.io.Serializable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What a flow is compared with: another measure of how strange a row is. */
public interface Baseline extends Serializable {

  /**
   * How strange rows are, the stranger the greater, as a column {@code value} in their order.
   *
   * @param embeddings with the columns of embeddings/
   */
  Dataset<Double> strangeness(Dataset<Row> embeddings);
}
