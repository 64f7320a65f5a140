package dev.realnvp.spark.data;

import dev.realnvp.flow.Moments;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;

/** Mean and variance of embeddings, computed on the executors. */
public final class FeatureMoments {

  private FeatureMoments() {}

  /**
   * Reads the rows once. Each partition's figures are joined in the order of the partitions, so
   * that the same table gives the same bits.
   *
   * @param rows of an {@link EmbeddingTable}, say {@code table.split("train")}; rows count by their
   *     weights where they have any
   * @param features D, the values an embedding
   */
  public static Moments of(Dataset<Row> rows, int features) {
    Moments all = new Moments(features);
    Column weight =
        Embeddings.isWeighted(rows) ? functions.col(Embeddings.WEIGHT) : functions.lit(1.0);
    rows.select(functions.col(Embeddings.COLUMN), weight)
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitions(part -> List.of(of(part, features)).iterator())
        .collect()
        .forEach(all::add);
    return all;
  }

  private static Moments of(Iterator<InternalRow> rows, int features) {
    Moments moments = new Moments(features);
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      moments.add(row.getArray(0).toFloatArray(), row.getDouble(1));
    }
    return moments;
  }
}
