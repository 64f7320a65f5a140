package dev.realnvp.spark.storage;

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

/** Reads and writes Parquet. */
public final class ParquetFiles {
  private ParquetFiles() {}

  /**
   * A reader that takes a path literally, including brackets and stars. It compares the checksums
   * of pages if the writer stored some, as Spark does; otherwise a flipped bit would be read as a
   * value.
   */
  public static DataFrameReader reader(SparkSession spark) {
    return spark
        .read()
        .option(DataSource.GLOB_PATHS_KEY(), false)
        .option("parquet.page.verify-checksum.enabled", true);
  }

  /** The same for these files, whose partitions' folders become columns. */
  public static DataFrameReader reader(SparkSession spark, TableSource.Files files) {
    DataFrameReader reader = reader(spark);
    files.base().ifPresent(base -> reader.option("basePath", base.toString()));
    return reader;
  }

  /**
   * Writes a table, and then counts the rows in its files.
   *
   * @param folder the target folder
   * @param rows the expected number of rows
   * @throws OutputException if the number differs
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

  /** Whether readers of Parquet pass over a file or folder because of its name. */
  public static boolean isHidden(Path path) {
    return path.getName().startsWith(".") || path.getName().startsWith("_");
  }

  /** The number of rows in a folder's Parquet files, from their footers, which tasks read. */
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
