package dev.realnvp.spark.table;

import static org.apache.spark.sql.functions.array_repeat;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.xxhash64;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A sample of a table's rows: every row has the same chance. Which rows are drawn depends only on
 * the table's content, not on its files, their order, or the cluster.
 *
 * <p>Rows of equal content cannot be distinguished, so their number is drawn: of c equal rows
 * {@code floor(c p + u)}, where p is the requested share and u, in [0, 1), follows from a hash of
 * the content. The mean is c p, and the error is always less than one row. The hash is hashed again
 * with a constant, so that it is independent of the one that holds rows out ({@link
 * EmbeddingTable#holdOut}).
 *
 * <p>The rows are counted by their hashes, 16 bytes each, and read a second time for the drawn
 * rows.
 */
public final class RowSample {

  /** An arbitrary constant that distinguishes this draw from others. */
  private static final long SALT = 0x5DEECE66DL;

  /**
   * A sample's partitions, and with them its order, follow from the number of its rows, not from
   * the cluster.
   */
  private static final int MOST_PARTITIONS = 16;

  /** So few, because a row may be scored under thousands of classes. */
  private static final long ROWS_OF_A_PARTITION = 100;

  private static final String HASH = "row_sample_hash";
  private static final String DRAWN = "row_sample_drawn";
  private static final String COPY = "row_sample_copy";

  private RowSample() {}

  /**
   * About the requested number of rows; all of them if there are no more. Their order and
   * partitions depend only on their content.
   *
   * @param rows with the same content each time that they are read
   * @param count the number of rows
   * @param most the requested number
   * @param content columns that decide the draw. If rows are equal in them, the other columns of
   *     the drawn rows come from any of them
   */
  public static Dataset<Row> of(Dataset<Row> rows, long count, long most, Column... content) {
    Dataset<Row> hashed = rows.withColumn(HASH, xxhash64(content));
    Dataset<Row> some = count <= most ? hashed : drawn(hashed, (double) most / count);
    long partitions = Math.min(1 + Math.min(count, most) / ROWS_OF_A_PARTITION, MOST_PARTITIONS);
    return some.repartition((int) partitions, col(HASH)).sortWithinPartitions(HASH).drop(HASH);
  }

  private static Dataset<Row> drawn(Dataset<Row> hashed, double share) {
    Column uniform = shiftrightunsigned(xxhash64(lit(SALT), col(HASH)), 11).multiply(0x1p-53);
    Dataset<Row> drawn =
        hashed
            .groupBy(HASH)
            .agg(count(lit(1)).as(DRAWN))
            .withColumn(DRAWN, floor(col(DRAWN).multiply(share).plus(uniform)).cast("int"))
            .where(col(DRAWN).gt(0));
    return hashed
        .join(broadcast(drawn), HASH)
        .dropDuplicates(HASH)
        .withColumn(COPY, explode(array_repeat(lit(1), col(DRAWN))))
        .drop(DRAWN, COPY);
  }
}
