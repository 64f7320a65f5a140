package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.CatalogTable;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.spark.storage.TableFormats;
import dev.realnvp.spark.storage.TableSource;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Opens a table named by a user, Parquet or a table of Spark's catalog; every failure is one clear
 * line.
 */
public final class ParquetInput {
  /**
   * The files that this program has found undamaged, with length and time of change, because a
   * pipeline opens its tables many times.
   */
  private static final Set<String> WHOLE = ConcurrentHashMap.newKeySet();

  private static final String SKIPPING = "use --skip-invalid to leave them out";

  private static final Pattern FILE = Pattern.compile("[^/\\s]+\\.parquet(?!\\.?\\w)");

  private ParquetInput() {}

  /**
   * Opens a table; no row is read. The name is a path, a glob, several of these with commas between
   * them, or a table of Spark's catalog, as {@link TableSource} tells. The files of a Delta or
   * Iceberg table are not read as Parquet.
   *
   * @throws InvalidInputException if it does not exist, is incomplete, holds no Parquet, belongs to
   *     a table of another format, or cannot be read
   */
  public static TableInput open(SparkSession spark, String name) {
    TableSource source;
    try {
      source = TableSource.find(spark, name);
    } catch (IOException e) {
      throw Location.of(spark.sparkContext().hadoopConfiguration(), name).unreadable(e);
    }
    if (source instanceof TableSource.Files files) {
      files.requireParquet();
      return open(spark, name, files);
    }
    if (source instanceof TableSource.Catalogued catalogued) {
      CatalogTable table = catalogued.table();
      return new TableInput(
          table.name(), table.read(), SKIPPING, (ignored, e) -> table.unreadable(e));
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

  private static TableInput open(SparkSession spark, String given, TableSource.Files files) {
    List<TableSource.Place> places = files.places();
    String name = places.size() == 1 ? places.get(0).location().display() : given;
    checkFiles(JavaSparkContext.fromSparkContext(spark.sparkContext()), name, places);
    try {
      ParquetFiles.requireRows(spark, files);
      return new TableInput(
          name, ParquetFiles.reader(spark).parquet(files.paths()), SKIPPING, ParquetInput::failure);
    } catch (InvalidInputException e) {
      throw e;
    } catch (Exception e) {
      // Spark throws its checked AnalysisException here without declaring it.
      throw failure(name, e);
    }
  }

  /** Adds the files of a place that this program has not found undamaged, with their versions. */
  private static void addUnknown(TableSource.Place found, Map<String, String> unknown) {
    Location place = found.location();
    if (found.status().isFile()) {
      addUnknown(place, found.status(), unknown);
      return;
    }
    try {
      RemoteIterator<LocatedFileStatus> all = place.fileSystem().listFiles(place.path(), true);
      while (all.hasNext()) {
        FileStatus file = all.next();
        TableFormats.refuse(place, file.getPath());
        addUnknown(place, file, unknown);
      }
    } catch (IOException e) {
      throw place.unreadable(e);
    }
  }

  private static void addUnknown(Location place, FileStatus file, Map<String, String> unknown) {
    if (isRead(place, file)) {
      String path = file.getPath().toString();
      String version = path + " " + file.getLen() + " " + file.getModificationTime();
      if (!WHOLE.contains(version)) {
        unknown.put(path, version);
      }
    }
  }

  /** Checks the sizes in every file, in tasks. */
  private static void checkFiles(
      JavaSparkContext spark, String name, List<TableSource.Place> places) {
    Map<String, String> unknown = new LinkedHashMap<>();
    places.forEach(place -> addUnknown(place, unknown));
    List<String> files = List.copyOf(unknown.keySet());
    if (files.isEmpty()) {
      return;
    }
    SerializableConfiguration hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
    // Failures are returned as values, because a task that throws is run again, and logged as an
    // error.
    spark
        .parallelize(files, Math.min(files.size(), spark.defaultParallelism()))
        .map(file -> complaint(hadoop.value(), name, file))
        .filter(complaint -> !complaint.isEmpty())
        .collect()
        .stream()
        .findFirst()
        .ifPresent(
            complaint -> {
              throw new InvalidInputException(complaint);
            });
    WHOLE.addAll(unknown.values());
  }

  private static String complaint(Configuration hadoop, String name, String file) {
    Location location = Location.of(hadoop, file);
    try {
      FileSystem fileSystem = location.fileSystem();
      ParquetFooter.check(
          hadoop, fileSystem, fileSystem.getFileStatus(location.path()), !location.renamesAtOnce());
      return "";
    } catch (IOException | RuntimeException e) {
      return failure(name, location.path().getName(), e).getMessage();
    }
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
   * The error for a table; it names the damaged file if the messages name one.
   *
   * @param name of the table, in messages
   */
  private static InvalidInputException failure(String name, Exception e) {
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
  private static InvalidInputException failure(String name, String file, Exception e) {
    return new InvalidInputException(
        "Cannot read %s as Parquet: %s in it: %s".formatted(name, file, reason(e)), e);
  }

  private static String reason(Exception e) {
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
