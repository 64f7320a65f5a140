package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.FileKind;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.spark.storage.TableSource;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.FileIndex;
import org.apache.spark.sql.execution.datasources.FileStatusWithMetadata;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.execution.datasources.PartitionDirectory;
import org.apache.spark.util.SerializableConfiguration;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** Opens files of Parquet, if none of those that are read is damaged. */
final class ParquetInput {
  /**
   * The files that this program has found undamaged, by path, length, time of change and what else
   * was known, because a pipeline opens its tables many times.
   */
  private static final Map<String, Seen> WHOLE = new ConcurrentHashMap<>();

  /**
   * A file that was checked.
   *
   * @param pages the columns whose pages were
   * @param more whether it has columns that the table does not have
   */
  private record Seen(Set<String> pages, boolean more) {}

  private ParquetInput() {}

  /**
   * Opens files. Those are looked at whose partitions the predicate leaves, and one that tells the
   * columns. A column that only some of them have is null in the others.
   *
   * @param name in messages
   * @param first the file that tells the columns, or one that has lost all of its bytes
   * @param reads whether a column may be read, beside those of the predicate
   */
  static TableInput open(
      SparkSession spark,
      String name,
      TableSource.Files files,
      FileStatus first,
      String where,
      Predicate<String> reads) {
    refuse(
        look(
            spark.sparkContext().hadoopConfiguration(),
            name,
            first.getPath().toString(),
            Set.of(),
            Set.of()));
    DataFrameReader reader = ParquetFiles.reader(spark, files);
    TableInput table = Tables.read(name, FileKind.PARQUET, reader, files);
    if (haveMore(spark, table, where, reads)) {
      table = Tables.read(name, FileKind.PARQUET, reader.option("mergeSchema", true), files);
      haveMore(spark, table, where, reads);
    }
    try {
      ParquetFiles.requireRows(spark, files);
    } catch (IOException e) {
      throw Tables.failure(name, FileKind.PARQUET, e);
    }
    return table;
  }

  /**
   * Checks the files that the predicate leaves.
   *
   * @param reads whether the pages of a column are checked, beside those of the predicate
   * @return whether any has columns that the table does not have
   */
  private static boolean haveMore(
      SparkSession spark, TableInput table, String where, Predicate<String> reads) {
    Set<String> columns = Schemas.names();
    columns.addAll(List.of(table.rows().columns()));
    Set<String> pages = new HashSet<>(columns);
    pages.removeIf(reads.negate());
    Map<String, String> files = new LinkedHashMap<>();
    files(table, where, pages)
        .forEach((version, path) -> files.put(version + " " + columns.hashCode(), path));
    check(
        JavaSparkContext.fromSparkContext(spark.sparkContext()),
        table.name(),
        files,
        pages,
        columns);
    return files.keySet().stream().anyMatch(key -> WHOLE.get(key).more);
  }

  /**
   * The files of a table that a predicate leaves, by their versions.
   *
   * @param read gets the columns that the predicate reads
   */
  static Map<String, String> files(TableInput table, String where, Set<String> read) {
    LogicalRelation relation = (LogicalRelation) table.rows().queryExecution().analyzed();
    FileIndex index = ((HadoopFsRelation) relation.relation()).location();
    SparkPlan plan = table.where(where).rows().select(new Column[0]).queryExecution().sparkPlan();
    Map<String, String> files = new LinkedHashMap<>();
    for (SparkPlan leaf : list(plan.collectLeaves())) {
      if (leaf instanceof FileSourceScanExec scan && scan.relation().location() == index) {
        read.addAll(List.of(scan.requiredSchema().fieldNames()));
        addFiles(scan, files);
      }
    }
    return files;
  }

  private static void addFiles(FileSourceScanExec scan, Map<String, String> files) {
    // The result of a query in a filter is not known yet: more files are checked than are read.
    List<Expression> filters =
        list(scan.partitionFilters()).stream()
            .filter(filter -> !filter.exists(part -> part instanceof PlanExpression))
            .toList();
    for (PartitionDirectory part :
        list(
            scan.relation()
                .location()
                .listFiles(
                    JavaConverters.asScalaBufferConverter(filters).asScala().toList(),
                    scan.dataFilters()))) {
      for (FileStatusWithMetadata file : list(part.files())) {
        String path = file.getPath().toString();
        files.put(path + " " + file.getLen() + " " + file.getModificationTime(), path);
      }
    }
  }

  private static <T> List<T> list(Seq<T> seq) {
    return JavaConverters.seqAsJavaListConverter(seq).asJava();
  }

  /** Checks the sizes in those of the files that are not known, in tasks. */
  private static void check(
      JavaSparkContext spark,
      String name,
      Map<String, String> files,
      Set<String> pages,
      Set<String> columns) {
    List<String> unknown =
        files.keySet().stream()
            .filter(key -> !WHOLE.containsKey(key) || !WHOLE.get(key).pages.containsAll(pages))
            .toList();
    if (unknown.isEmpty()) {
      return;
    }
    SerializableConfiguration hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
    // Failures are returned as values, because a task that throws is run again, and logged as an
    // error.
    List<String[]> found =
        spark
            .parallelize(
                unknown.stream().map(files::get).toList(),
                Math.min(unknown.size(), spark.defaultParallelism()))
            .map(file -> look(hadoop.value(), name, file, pages, columns))
            .collect();
    found.forEach(ParquetInput::refuse);
    for (int i = 0; i < found.size(); i++) {
      WHOLE.put(unknown.get(i), new Seen(pages, found.get(i).length > 1));
    }
  }

  private static void refuse(String[] found) {
    if (!found[0].isEmpty()) {
      throw new InvalidInputException(found[0]);
    }
  }

  /** What is wrong with a file, or nothing; and behind that a column that the table has not. */
  private static String[] look(
      Configuration hadoop, String name, String file, Set<String> pages, Set<String> columns) {
    Location location = Location.of(hadoop, file);
    try {
      FileSystem fileSystem = location.fileSystem();
      FileStatus status = fileSystem.getFileStatus(location.path());
      return Stream.concat(
              Stream.of(""),
              ParquetFooter.check(fileSystem, status, pages, !location.renamesAtOnce()).stream()
                  .filter(column -> !columns.contains(column))
                  .limit(1))
          .toArray(String[]::new);
    } catch (IOException | RuntimeException e) {
      return new String[] {
        Tables.failure(name, FileKind.PARQUET, location.path().getName(), e).getMessage()
      };
    }
  }
}
