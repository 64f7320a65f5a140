package dev.realnvp.spark.data;

import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.SparkSession;

/** How Parquet is read here. */
public final class ParquetFiles {
  private ParquetFiles() {}

  /**
   * A reader that compares the check sums of pages, where their writer left some, as Spark does:
   * Parquet itself would take a flipped bit for a value.
   */
  public static DataFrameReader reader(SparkSession spark) {
    return spark.read().option("parquet.page.verify-checksum.enabled", true);
  }
}
