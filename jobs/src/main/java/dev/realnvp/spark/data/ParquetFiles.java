package dev.realnvp.spark.data;

import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.DataSource;

/** How Parquet is read here. */
public final class ParquetFiles {
  private ParquetFiles() {}

  /**
   * A reader that takes a path as it is, brackets and stars too, and compares the check sums of
   * pages, where their writer left some, as Spark does: Parquet itself would take a flipped bit for
   * a value.
   */
  public static DataFrameReader reader(SparkSession spark) {
    return spark
        .read()
        .option(DataSource.GLOB_PATHS_KEY(), false)
        .option("parquet.page.verify-checksum.enabled", true);
  }
}
