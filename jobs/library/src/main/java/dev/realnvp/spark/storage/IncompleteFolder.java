package dev.realnvp.spark.storage;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.stored.StoredFolder;
import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Folders that get their files one after the other. An object store has no other way: renaming a
 * folder there copies each of its files, and may end in the middle. The file {@code _incomplete}
 * comes first and goes last, so a folder without it is complete. Readers refuse a folder with it;
 * readers of Parquet ignore the name.
 */
public final class IncompleteFolder {
  private static final String MARKER = StoredFolder.INCOMPLETE;

  private IncompleteFolder() {}

  /**
   * To be called before a folder is read.
   *
   * @throws InvalidInputException if it is incomplete
   */
  public static void refuse(Location folder) throws IOException {
    try {
      folder.requireComplete();
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(e.getMessage(), e);
    }
  }

  static boolean isMarked(Location folder) throws IOException {
    return folder.isDirectory() && folder.child(MARKER).exists();
  }

  /**
   * Moves the content of a folder to another one, whose own content is deleted.
   *
   * @param lease of that folder, which is checked before each step, because steps take time
   */
  static void replace(Location folder, Path by, OutputLease lease) throws IOException {
    FileSystem fileSystem = folder.fileSystem();
    empty(folder);
    for (FileStatus child : fileSystem.listStatus(by)) {
      lease.verify();
      Path to = folder.child(child.getPath().getName()).path();
      AtomicOutput.rename(fileSystem, child.getPath(), to);
    }
    lease.verify();
    fileSystem.delete(marker(folder), false);
    fileSystem.delete(by, true);
  }

  static void delete(Location folder) throws IOException {
    empty(folder);
    folder.fileSystem().delete(folder.path(), true);
  }

  /** Deletes everything except the marker. */
  private static void empty(Location folder) throws IOException {
    FileSystem fileSystem = folder.fileSystem();
    fileSystem.create(marker(folder), true).close();
    for (FileStatus child : fileSystem.listStatus(folder.path())) {
      if (!child.getPath().getName().equals(MARKER)) {
        fileSystem.delete(child.getPath(), true);
      }
    }
  }

  private static Path marker(Location folder) {
    return folder.child(MARKER).path();
  }
}
