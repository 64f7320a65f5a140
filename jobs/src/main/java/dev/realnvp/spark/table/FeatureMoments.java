package dev.realnvp.spark.table;

import dev.realnvp.flow.Moments;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Mean and variance of embeddings, computed on the executors. */
public final class FeatureMoments {

  private FeatureMoments() {}

  /**
   * Reads the rows once. The result does not depend on the order of the rows.
   *
   * @param rows of an {@link EmbeddingTable}, for example {@code table.split("train")}; rows count
   *     by their weights if they have any, as floats, as in training
   * @param features D, the first values of an embedding
   */
  public static Moments of(Dataset<Row> rows, int features) {
    Column weight =
        Embeddings.isWeighted(rows) ? functions.col(Embeddings.WEIGHT) : functions.lit(1.0);
    return rows.select(functions.col(Embeddings.COLUMN), weight)
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .treeAggregate(
            new Moments(features),
            (moments, row) -> {
              moments.add(row.getArray(0).toFloatArray(), (float) row.getDouble(1));
              return moments;
            },
            (moments, more) -> {
              moments.add(more);
              return moments;
            });
  }
}
