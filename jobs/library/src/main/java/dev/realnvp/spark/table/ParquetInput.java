package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.CatalogTable;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.spark.storage.TableFormats;
import dev.realnvp.spark.storage.TableSource;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
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

/**
 * Opens a table named by a user, Parquet or a table of Spark's catalog; every failure is one clear
 * line.
 */
public final class ParquetInput {
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

  /** Those without bytes before the others, and these as Spark has them. */
  private static final Comparator<FileStatus> FIRST =
      Comparator.comparing((FileStatus file) -> file.getLen() > 0)
          .thenComparing(file -> file.getPath().toString());

  private static final String SKIPPING = "use --skip-invalid to leave them out";

  private static final Pattern FILE = Pattern.compile("[^/\\s]+\\.parquet(?!\\.?\\w)");

  private ParquetInput() {}

  /** Opens all rows and columns of a table. */
  public static TableInput open(SparkSession spark, String name) {
    return open(spark, name, "", column -> true);
  }

  /**
   * Opens a table; no row is read. The name is a path, a glob, several of these with commas between
   * them, or a table of Spark's catalog, as {@link TableSource} tells. The files of a Delta or
   * Iceberg table are not read as Parquet. Of the others, those are looked at whose partitions the
   * predicate leaves, and one that tells the columns. A column that only some of them have is null
   * in the others.
   *
   * @param where a predicate on the columns of the first file, as in {@link TableInput#where}
   * @param reads whether a column may be read, beside those of the predicate
   * @throws InvalidInputException if it does not exist, is incomplete, holds no Parquet, belongs to
   *     a table of another format, cannot be read, or is a view that gives other rows each time
   * @throws ConfigurationException if the predicate is invalid
   */
  public static TableInput open(
      SparkSession spark, String name, String where, Predicate<String> reads) {
    TableSource source;
    try {
      source = TableSource.find(spark, name);
    } catch (IOException e) {
      throw Location.of(spark.sparkContext().hadoopConfiguration(), name).unreadable(e);
    }
    if (source instanceof TableSource.Files files) {
      files.requireParquet();
      return open(spark, name, files, where, reads);
    }
    if (source instanceof TableSource.Catalogued catalogued) {
      CatalogTable table = catalogued.table();
      return new TableInput(
              table.name(), table.read(), SKIPPING, (ignored, e) -> table.unreadable(e))
          .requireStill()
          .where(where);
    }
    String part = ((TableSource.Missing) source).part();
    if (!part.equals(name)) {
      throw new InvalidInputException(
          "%s does not exist: expected each of the paths in %s".formatted(part, name));
    }
    String shown =
        CatalogTable.parse(spark, name).isPresent()
            ? name
            : Location.of(spark.sparkContext().hadoopConfiguration(), name).display();
    throw new InvalidInputException(
        shown
            + " does not exist: expected Parquet (a path, a glob, or several with commas between"
            + " them), or the name of a table in Spark's catalog (catalog.db.table)");
  }

  private static TableInput open(
      SparkSession spark,
      String given,
      TableSource.Files files,
      String where,
      Predicate<String> reads) {
    List<TableSource.Place> places = files.places();
    String name = places.size() == 1 ? places.get(0).location().display() : given;
    checkFirst(spark, name, files);
    DataFrameReader reader = ParquetFiles.reader(spark, files);
    TableInput table = read(name, reader, files);
    if (haveMore(spark, table, where, reads)) {
      table = read(name, reader.option("mergeSchema", true), files);
      haveMore(spark, table, where, reads);
    }
    requireRows(spark, name, files);
    return table.where(where);
  }

  private static void requireRows(SparkSession spark, String name, TableSource.Files files) {
    try {
      ParquetFiles.requireRows(spark, files);
    } catch (IOException e) {
      throw failure(name, e);
    }
  }

  private static TableInput read(String name, DataFrameReader reader, TableSource.Files files) {
    try {
      return new TableInput(name, reader.parquet(files.paths()), SKIPPING, ParquetInput::failure);
    } catch (Exception | AssertionError e) {
      // Spark throws its checked AnalysisException here without declaring it, and asserts that
      // partitions are of one table.
      throw failure(name, e);
    }
  }

  /** Checks the file that tells Spark the columns, or one that has lost all of its bytes. */
  private static void checkFirst(SparkSession spark, String name, TableSource.Files files) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    files.places().stream()
        .flatMap(place -> first(place).stream())
        .min(FIRST)
        .map(file -> look(hadoop, name, file.getPath().toString(), Set.of(), Set.of()))
        .ifPresent(ParquetInput::refuse);
  }

  private static Optional<FileStatus> first(TableSource.Place found) {
    Location place = found.location();
    if (found.status().isFile()) {
      return Optional.of(found.status());
    }
    FileStatus first = null;
    try {
      RemoteIterator<LocatedFileStatus> all = place.fileSystem().listFiles(place.path(), true);
      while (all.hasNext()) {
        FileStatus file = all.next();
        TableFormats.refuse(place, file.getPath());
        if (isRead(place, file) && (first == null || FIRST.compare(file, first) < 0)) {
          first = file;
        }
      }
    } catch (IOException e) {
      throw place.unreadable(e);
    }
    return Optional.ofNullable(first);
  }

  /**
   * Whether Spark reads a file in the folder: no name in its path starts with a dot or an
   * underscore. Spark ignores empty files, which would be damaged Parquet.
   */
  private static boolean isRead(Location location, FileStatus file) {
    for (Path path = file.getPath(); !path.equals(location.path()); path = path.getParent()) {
      if (ParquetFiles.isHidden(path)) {
        return false;
      }
    }
    return file.getLen() > 0 || file.getPath().getName().endsWith(".parquet");
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
    LogicalRelation relation = (LogicalRelation) table.rows().queryExecution().analyzed();
    FileIndex index = ((HadoopFsRelation) relation.relation()).location();
    SparkPlan plan = table.where(where).rows().select(new Column[0]).queryExecution().sparkPlan();
    Map<String, String> files = new LinkedHashMap<>();
    for (SparkPlan leaf : list(plan.collectLeaves())) {
      if (leaf instanceof FileSourceScanExec scan && scan.relation().location() == index) {
        pages.addAll(List.of(scan.requiredSchema().fieldNames()));
        addFiles(scan, " " + columns.hashCode(), files);
      }
    }
    check(
        JavaSparkContext.fromSparkContext(spark.sparkContext()),
        table.name(),
        files,
        pages,
        columns);
    return files.keySet().stream().anyMatch(key -> WHOLE.get(key).more);
  }

  /** Adds the files of the partitions that a scan reads, by their keys. */
  private static void addFiles(FileSourceScanExec scan, String known, Map<String, String> files) {
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
        files.put(path + " " + file.getLen() + " " + file.getModificationTime() + known, path);
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
      return new String[] {failure(name, location.path().getName(), e).getMessage()};
    }
  }

  /**
   * The error for a table; it names the damaged file if the messages name one.
   *
   * @param name of the table, in messages
   */
  private static InvalidInputException failure(String name, Throwable e) {
    return ExceptionUtils.getThrowableList(e).stream()
        .map(link -> FILE.matcher(String.valueOf(link.getMessage())))
        .flatMap(Matcher::results)
        .map(MatchResult::group)
        .findFirst()
        .map(file -> failure(name, file, e))
        .orElseGet(
            () ->
                new InvalidInputException("Cannot read " + name + " as Parquet: " + reason(e), e));
  }

  /** The error for a file of a table. */
  private static InvalidInputException failure(String name, String file, Throwable e) {
    return new InvalidInputException(
        "Cannot read %s as Parquet: %s in it: %s".formatted(name, file, reason(e)), e);
  }

  private static String reason(Throwable e) {
    List<Throwable> chain = ExceptionUtils.getThrowableList(e);
    Throwable root = chain.get(chain.size() - 1);
    // Footers are written in Thrift, whose parser reports sockets, types and fields of its own.
    if (root.getClass().getName().contains(".thrift.")) {
      return "the description of its data is damaged";
    }
    // Java's own messages for null and wrong indices mean nothing to a user.
    return root.getMessage() == null
            || root instanceof NullPointerException
            || root instanceof IndexOutOfBoundsException
        ? "it is damaged"
        : root.getMessage().lines().findFirst().orElse("");
  }
}
