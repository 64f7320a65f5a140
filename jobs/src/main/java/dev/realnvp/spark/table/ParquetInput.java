package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.IncompleteFolder;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
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

/** Opens Parquet named by a user; every failure is one clear line. */
public final class ParquetInput {
  /**
   * The files that this program has found undamaged, with length and time of change, because a
   * pipeline opens its tables many times.
   */
  private static final Set<String> WHOLE = ConcurrentHashMap.newKeySet();

  private static final Pattern FILE = Pattern.compile("[^/\\s]+\\.parquet(?!\\.?\\w)");

  private ParquetInput() {}

  /**
   * Opens a Parquet file or folder; no row is read.
   *
   * @throws InvalidInputException if it does not exist, is incomplete, holds no Parquet, or cannot
   *     be read
   */
  public static TableInput open(SparkSession spark, String path) {
    Location location = Location.of(spark.sparkContext().hadoopConfiguration(), path);
    try {
      if (!location.exists()) {
        throw new InvalidInputException(location.display() + " does not exist: expected Parquet");
      }
      IncompleteFolder.refuse(location);
      checkFiles(JavaSparkContext.fromSparkContext(spark.sparkContext()), location);
    } catch (IOException e) {
      throw location.unreadable(e);
    }
    try {
      return new TableInput(
          location.display(),
          ParquetFiles.reader(spark).parquet(location.path().toString()),
          "use --skip-invalid to leave them out",
          ParquetInput::failure);
    } catch (Exception e) {
      // Spark throws its checked AnalysisException here without declaring it.
      throw failure(location.display(), e);
    }
  }

  /** Checks the sizes in every file, in tasks. */
  private static void checkFiles(JavaSparkContext spark, Location location) throws IOException {
    Map<String, String> unknown = new LinkedHashMap<>();
    RemoteIterator<LocatedFileStatus> all = location.fileSystem().listFiles(location.path(), true);
    while (all.hasNext()) {
      FileStatus file = all.next();
      if (isRead(location, file)) {
        String path = file.getPath().toString();
        String version = path + " " + file.getLen() + " " + file.getModificationTime();
        if (!WHOLE.contains(version)) {
          unknown.put(path, version);
        }
      }
    }
    List<String> files = List.copyOf(unknown.keySet());
    if (files.isEmpty()) {
      return;
    }
    SerializableConfiguration hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
    String name = location.display();
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
      if (path.getName().startsWith(".") || path.getName().startsWith("_")) {
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
