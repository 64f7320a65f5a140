package dev.realnvp.spark.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.DataSource;
import org.apache.spark.util.SerializableConfiguration;

/** How Parquet is read and written here. */
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

  /**
   * Writes a table, and counts the rows that are in the files then.
   *
   * @param folder where to
   * @param rows how many there are to be
   * @throws OutputException if there are others
   */
  public static void write(SparkSession spark, DataFrameWriter<Row> table, String folder, long rows)
      throws IOException {
    table.parquet(folder);
    long written = rows(spark, folder);
    if (written != rows) {
      throw new OutputException(
          "%s has %,d rows by its files, expected %,d: nothing was put in its place"
              .formatted(Location.display(new Path(folder)), written, rows));
    }
  }

  /** How many rows a folder's Parquet files have, by their own descriptions, read by tasks. */
  static long rows(SparkSession spark, String folder) throws IOException {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Location place = Location.of(context.hadoopConfiguration(), folder);
    List<String> files = new ArrayList<>();
    for (FileStatus file : place.fileSystem().listStatus(place.path())) {
      if (file.getPath().getName().endsWith(".parquet")) {
        files.add(file.getPath().toString());
      }
    }
    if (files.isEmpty()) {
      return 0;
    }
    SerializableConfiguration hadoop = new SerializableConfiguration(context.hadoopConfiguration());
    return context
        .parallelize(files, Math.min(files.size(), context.defaultParallelism()))
        .map(file -> rows(hadoop.value(), file))
        .reduce(Long::sum);
  }

  private static long rows(Configuration hadoop, String file) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(new Path(file), hadoop))) {
      return reader.getRecordCount();
    }
  }
}
