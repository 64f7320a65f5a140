package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.InvalidRows;
import java.util.List;

/**
 * The columns and rows of a table to read as embeddings.
 *
 * @param features the column of the vectors
 * @param context the columns of numbers that stand behind the features of each row; may be none
 * @param label the column of the classes; empty for {@code label} where there is one
 * @param weight the column of the rows' weights; empty where all count the same
 * @param where a predicate of Spark SQL on the table's columns; empty for all rows
 * @param invalid what to do with rows whose embedding is missing, or holds a missing, NaN or
 *     infinite value
 */
public record EmbeddingQuery(
    String features,
    List<String> context,
    String label,
    String weight,
    String where,
    InvalidRows invalid) {

  /** How messages call the vectors. */
  String vector() {
    return context.isEmpty() ? features : features + ", " + String.join(", ", context);
  }

  /** All rows, with their labels if there are any, without weights. */
  public static EmbeddingQuery of(String features, InvalidRows invalid) {
    return new EmbeddingQuery(features, List.of(), "", "", "", invalid);
  }
}
