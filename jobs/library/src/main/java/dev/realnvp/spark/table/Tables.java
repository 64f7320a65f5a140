package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.CatalogTable;
import dev.realnvp.spark.storage.FileKind;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.spark.storage.TableFormats;
import dev.realnvp.spark.storage.TableSource;
import dev.realnvp.spark.text.TextHints;
import dev.realnvp.spark.text.TextTable;
import java.io.IOException;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.SparkSession;

/**
 * Opens a table named by a user, files of one {@link FileKind} or a table of Spark's catalog; every
 * failure is one clear line.
 */
public final class Tables {

  private static final String SKIPPING = "use --skip-invalid to leave them out";

  private static final Pattern FILE = Pattern.compile("[^/\\s]+\\.(parquet|orc)(?!\\.?\\w)");

  /** Those without bytes before the others, and these as Spark has them. */
  private static final Comparator<FileStatus> FIRST =
      Comparator.comparing((FileStatus file) -> file.getLen() > 0)
          .thenComparing(file -> file.getPath().toString());

  private Tables() {}

  /** Opens all rows and columns of a table. */
  public static TableInput open(SparkSession spark, String name) {
    return open(spark, name, "", column -> true, TextHints.NONE);
  }

  /**
   * Opens a table; no row is read, except of text files, whose types are found in one reading. The
   * name is a path, a glob, several of these with commas between them, or a table of Spark's
   * catalog, as {@link TableSource} tells. The files of a Delta or Iceberg table are not read as
   * files of their own.
   *
   * @param where a predicate on the columns of the first file, as in {@link TableInput#where}; of
   *     files in partitions only those are looked at that it leaves
   * @param reads whether a column may be read, beside those of the predicate
   * @param hints what is known of columns in text files
   * @throws InvalidInputException if it does not exist, is incomplete, holds files of several kinds
   *     or none, belongs to a table of another format, cannot be read, or is a view that gives
   *     other rows each time
   * @throws ConfigurationException if the predicate is invalid
   */
  public static TableInput open(
      SparkSession spark, String name, String where, Predicate<String> reads, TextHints hints) {
    TableSource source;
    try {
      source = TableSource.find(spark, name);
    } catch (IOException e) {
      throw Location.of(spark.sparkContext().hadoopConfiguration(), name).unreadable(e);
    }
    if (source instanceof TableSource.Files files) {
      files.requirePlain();
      return open(spark, name, files, where, reads, hints).where(where);
    }
    if (source instanceof TableSource.Catalogued catalogued) {
      CatalogTable table = catalogued.table();
      return new TableInput(
              table.name(), table.read(), SKIPPING, (ignored, e) -> table.unreadable(e), Map.of())
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
            + " does not exist: expected files of CSV, JSON lines, ORC or Parquet (a path, a glob, or several with commas between"
            + " them), or the name of a table in Spark's catalog (catalog.db.table)");
  }

  private static TableInput open(
      SparkSession spark,
      String given,
      TableSource.Files files,
      String where,
      Predicate<String> reads,
      TextHints hints) {
    List<TableSource.Place> places = files.places();
    String name = places.size() == 1 ? places.get(0).location().display() : given;
    Map<FileKind, FileStatus> kinds = new EnumMap<>(FileKind.class);
    places.forEach(place -> addFirst(place, kinds));
    if (kinds.size() > 1) {
      throw new InvalidInputException(
          "%s has files of several kinds, such as %s: expected one kind; a glob names the files of one"
              .formatted(
                  name,
                  kinds.entrySet().stream()
                      .map(
                          kind ->
                              "%s (read as %s)"
                                  .formatted(
                                      kind.getValue().getPath().getName(), kind.getKey().word()))
                      .collect(Collectors.joining(" and "))));
    }
    if (kinds.isEmpty()) {
      return read(name, FileKind.PARQUET, ParquetFiles.reader(spark, files), files);
    }
    FileKind kind = kinds.keySet().iterator().next();
    FileStatus first = kinds.get(kind);
    if (kind == FileKind.PARQUET) {
      return ParquetInput.open(spark, name, files, first, where, reads);
    }
    if (first.getLen() == 0) {
      throw new InvalidInputException(
          "%s is empty: expected rows".formatted(Location.display(first.getPath())));
    }
    return kind == FileKind.ORC
        ? read(name, kind, ParquetFiles.reader(spark, files).option("mergeSchema", true), files)
        : text(spark, name, kind, files, first.getPath(), where, hints);
  }

  private static TableInput text(
      SparkSession spark,
      String name,
      FileKind kind,
      TableSource.Files files,
      Path first,
      String where,
      TextHints hints) {
    try {
      TextTable text = TextTable.of(spark, kind, name, first.toString(), hints);
      DataFrameReader reader = ParquetFiles.reader(spark, files);
      TableInput strings = read(name, kind, text.reader(reader, text.strings()), files);
      Map<String, String> left = left(strings, where);
      TextTable.Columns columns = text.columns(spark, left);
      TableInput table = read(name, kind, text.reader(reader, columns.schema()), files);
      return new TableInput(name, table.rows(), SKIPPING, table.failure(), columns.doubts());
    } catch (InvalidInputException e) {
      throw e;
    } catch (Exception e) {
      throw failure(name, kind, e);
    }
  }

  /**
   * The files that a predicate leaves; all if it leaves none, or needs a type or another column.
   */
  private static Map<String, String> left(TableInput strings, String where) {
    Map<String, String> left = Map.of();
    try {
      left = ParquetInput.files(strings, where, new HashSet<>());
    } catch (ConfigurationException e) {
      // If it is wrong it will be so of the typed columns, too.
    }
    return left.isEmpty() ? ParquetInput.files(strings, "", new HashSet<>()) : left;
  }

  static TableInput read(
      String name, FileKind kind, DataFrameReader reader, TableSource.Files files) {
    TableInput.Failure failure = (table, e) -> failure(table, kind, e);
    try {
      return new TableInput(
          name,
          reader.format(kind.name().toLowerCase(Locale.ROOT)).load(files.paths()),
          SKIPPING,
          failure,
          Map.of());
    } catch (Exception | AssertionError e) {
      // Spark throws its checked AnalysisException here without declaring it, and asserts that
      // partitions are of one table.
      throw failure(name, kind, e);
    }
  }

  /** Adds the first file of each kind that is read. */
  private static void addFirst(TableSource.Place found, Map<FileKind, FileStatus> kinds) {
    Location place = found.location();
    if (found.status().isFile()) {
      add(found.status(), kinds);
      return;
    }
    try {
      RemoteIterator<LocatedFileStatus> all = place.fileSystem().listFiles(place.path(), true);
      while (all.hasNext()) {
        FileStatus file = all.next();
        TableFormats.refuse(place, file.getPath());
        if (isRead(place, file)) {
          add(file, kinds);
        }
      }
    } catch (IOException e) {
      throw place.unreadable(e);
    }
  }

  private static void add(FileStatus file, Map<FileKind, FileStatus> kinds) {
    kinds.merge(FileKind.of(file.getPath()), file, (a, b) -> FIRST.compare(a, b) <= 0 ? a : b);
  }

  /**
   * Whether Spark reads a file in the folder: no name in its path starts with a dot or an
   * underscore. Spark ignores empty files, which would be damaged if they have rows.
   */
  private static boolean isRead(Location location, FileStatus file) {
    for (Path path = file.getPath(); !path.equals(location.path()); path = path.getParent()) {
      if (ParquetFiles.isHidden(path)) {
        return false;
      }
    }
    return file.getLen() > 0 || file.getPath().getName().matches(".*\\.(parquet|orc|[ct]sv)");
  }

  /**
   * The error for a table; it names the damaged file if the messages name one.
   *
   * @param name of the table, in messages
   */
  static InvalidInputException failure(String name, FileKind kind, Throwable e) {
    return ExceptionUtils.getThrowableList(e).stream()
        .map(link -> FILE.matcher(String.valueOf(link.getMessage())))
        .flatMap(Matcher::results)
        .map(MatchResult::group)
        .findFirst()
        .map(file -> failure(name, kind, file, e))
        .orElseGet(
            () ->
                new InvalidInputException(
                    "Cannot read %s as %s: %s".formatted(name, kind.word(), reason(e)), e));
  }

  /** The error for a file of a table. */
  static InvalidInputException failure(String name, FileKind kind, String file, Throwable e) {
    return new InvalidInputException(
        "Cannot read %s as %s: %s in it: %s".formatted(name, kind.word(), file, reason(e)), e);
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
