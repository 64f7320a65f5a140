package dev.realnvp.spark.storage;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
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

  /** The manifest among the files of a table of this project. */
  public static final String MANIFEST = "_manifest.json";

  /** The tables whose rows this program has counted, with the versions of their files. */
  private static final Set<String> WHOLE = ConcurrentHashMap.newKeySet();

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

  /**
   * Compares the rows in the files of tables of this project with their manifests. A folder may be
   * there before all of its files are: while it is copied, or on a mount that renames no folder in
   * one step.
   *
   * @throws InvalidInputException if there are more or fewer
   */
  public static void requireRows(SparkSession spark, TableSource.Files tables) throws IOException {
    for (TableSource.Place place : tables.places()) {
      if (place.status().isDirectory() && place.location().has(MANIFEST)) {
        requireRows(spark, place.location());
      }
    }
  }

  private static void requireRows(SparkSession spark, Location table) throws IOException {
    Object expected;
    try {
      expected = StoredModel.manifest(table, MANIFEST).config().get("rows");
    } catch (IllegalArgumentException e) {
      // Another program's, or damaged, of which those tell who need it.
      return;
    }
    List<FileStatus> files = files(table);
    List<String> versions =
        files.stream()
            .map(file -> file.getPath() + " " + file.getLen() + " " + file.getModificationTime())
            .toList();
    String version = expected + " " + versions;
    if (expected instanceof Number rows && !WHOLE.contains(version)) {
      long got = rows(spark, files);
      if (got != rows.longValue()) {
        throw new InvalidInputException(
            "%s has %d rows, and %d by its manifest: it is not complete yet, or was changed; copy it again, or make it again"
                .formatted(table.display(), got, rows.longValue()));
      }
      WHOLE.add(version);
    }
  }

  /** The number of rows in a folder's Parquet files. */
  static long rows(SparkSession spark, String folder) throws IOException {
    return rows(spark, files(Location.of(spark.sparkContext().hadoopConfiguration(), folder)));
  }

  private static List<FileStatus> files(Location folder) throws IOException {
    return Stream.of(folder.fileSystem().listStatus(folder.path()))
        .filter(file -> file.getPath().getName().endsWith(".parquet"))
        .toList();
  }

  /** From their footers, which tasks read. */
  private static long rows(SparkSession spark, List<FileStatus> found) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    List<String> files = found.stream().map(file -> file.getPath().toString()).toList();
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
