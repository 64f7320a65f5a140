package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Some of a table's rows, the same ones each time: a hash of their content chooses. */
final class HashedSample {

  private static final long HASHES = 1_000_000;

  private HashedSample() {}

  /**
   * About so many of the rows; all of them if there are no more.
   *
   * @param count how many rows there are
   * @param content what is hashed
   */
  static Dataset<Row> of(Dataset<Row> rows, long count, long most, Column... content) {
    return count <= most
        ? rows
        : rows.where(
            pmod(xxhash64(content), lit(HASHES)).lt(Math.round((double) most / count * HASHES)));
  }
}
