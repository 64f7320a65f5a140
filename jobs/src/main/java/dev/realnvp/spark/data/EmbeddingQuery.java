package dev.realnvp.spark.data;

/**
 * The columns and rows of a table to read as embeddings.
 *
 * @param features the column of the vectors
 * @param label the column of the classes; empty for {@code label}, if it exists
 * @param weight the column of the rows' weights; empty if all rows count the same
 * @param where a predicate of Spark SQL on the table's columns; empty for all rows
 * @param invalid what to do with rows whose embedding is missing, or holds a missing, NaN or
 *     infinite value
 */
public record EmbeddingQuery(
    String features, String label, String weight, String where, InvalidRows invalid) {

  /** All rows, with their labels if there are any, without weights. */
  public static EmbeddingQuery of(String features, InvalidRows invalid) {
    return new EmbeddingQuery(features, "", "", "", invalid);
  }
}
