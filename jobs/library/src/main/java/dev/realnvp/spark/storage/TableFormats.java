package dev.realnvp.spark.storage;

import dev.realnvp.spark.failure.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.HashSet;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;

/**
 * Recognises the files of Delta and Iceberg tables. Among them are files whose rows were deleted or
 * replaced; only the table's own format knows which, so they are not read as plain Parquet.
 */
public final class TableFormats {

  private static final String DELTA_NAME = "Delta";
  private static final String ICEBERG_NAME = "Iceberg";
  private static final String DELTA_LOG = "_delta_log";
  private static final String ICEBERG = "metadata";
  private static final String ICEBERG_FILE = ".metadata.json";

  private final Set<Path> plain = new HashSet<>();

  /**
   * Refuses a place in such a table, or the table itself.
   *
   * @throws InvalidInputException that names the table's folder, and says what to do
   */
  void refuse(TableSource.Place found) throws IOException {
    Location place = found.location();
    Path lowest = found.status().isDirectory() ? place.path() : place.path().getParent();
    for (Path folder = lowest; folder != null && plain.add(folder); folder = folder.getParent()) {
      Location at = new Location(place.fileSystem(), folder);
      try {
        if (at.child(DELTA_LOG).isDirectory()) {
          throw refusal(place, DELTA_NAME, at);
        }
        if (hasIcebergFile(at.child(ICEBERG))) {
          throw refusal(place, ICEBERG_NAME, at);
        }
      } catch (AccessDeniedException | AccessControlException e) {
        // Of the folders above, a reader need not be allowed to see what else they hold.
      }
    }
  }

  private static boolean hasIcebergFile(Location folder) throws IOException {
    try {
      for (FileStatus file : folder.fileSystem().listStatus(folder.path())) {
        if (isIceberg(file.getPath())) {
          return true;
        }
      }
      return false;
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /**
   * Refuses a place because of one of the files in it.
   *
   * @throws InvalidInputException as the other one
   */
  public static void refuse(Location place, Path file) {
    Path folder = file.getParent();
    if (folder.getName().equals(DELTA_LOG)) {
      throw refusal(place, DELTA_NAME, new Location(place.fileSystem(), folder.getParent()));
    }
    if (folder.getName().equals(ICEBERG) && isIceberg(file)) {
      throw refusal(place, ICEBERG_NAME, new Location(place.fileSystem(), folder.getParent()));
    }
  }

  private static boolean isIceberg(Path file) {
    return file.getName().contains(ICEBERG_FILE);
  }

  private static InvalidInputException refusal(Location place, String format, Location table) {
    return new InvalidInputException(
        ("Cannot read %s as Parquet: %s is the folder of %s table, whose files also hold deleted rows;"
                + " expected the table's name, %s, with the --packages and --conf that the"
                + " documentation of %s names (docs/tables.md)")
            .formatted(
                place.display(),
                table.display(),
                format.equals(ICEBERG_NAME) ? "an Iceberg" : "a Delta",
                format.equals(ICEBERG_NAME)
                    ? "catalog.db.table"
                    : "catalog.db.table or delta.`%s`".formatted(table.display()),
                format));
  }
}
