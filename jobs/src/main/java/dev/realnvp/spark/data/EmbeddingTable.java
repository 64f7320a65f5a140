package dev.realnvp.spark.data;

import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * A checked table of embeddings.
 *
 * @param rows of {@link Embeddings#SCHEMA}, not cached; every value finite
 * @param name where it was read from, as messages name it
 * @param count how many rows
 * @param features D, the values an embedding
 * @param classes K: labels are from 0 to K - 1; 0 where there are no labels, and then the column is
 *     null
 * @param splits how many rows each of {@code train} and {@code test} has, zero included
 * @param skipped how many invalid rows were left out
 * @param fingerprint of the content, whatever the order of the rows: 32 hex digits
 */
public record EmbeddingTable(
    Dataset<Row> rows,
    String name,
    long count,
    int features,
    int classes,
    Map<String, Long> splits,
    long skipped,
    String fingerprint) {

  /** Whether the rows have labels: all of them, or none. */
  public boolean labelled() {
    return classes > 0;
  }

  /** The rows of one split; may be none. */
  public Dataset<Row> split(String split) {
    return rows.where(functions.col("split").equalTo(split));
  }
}
