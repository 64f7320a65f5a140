package dev.realnvp.spark.data;

import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Folders that get their files one after the other, since on an object store there is no other way:
 * renaming a folder there is a copy of each of its files, which may end in the middle. The file
 * {@code _incomplete} is the first that comes and the last that goes, so what lies in a folder
 * without it is whole. Readers refuse a folder that has it; readers of Parquet pass over the name.
 */
public final class IncompleteFolder {
  private static final String MARKER = "_incomplete";

  private IncompleteFolder() {}

  /**
   * To be called before a folder is read.
   *
   * @throws InvalidInputException if it is incomplete
   */
  public static void refuse(Location folder) throws IOException {
    if (isMarked(folder)) {
      throw new InvalidInputException(
          folder.display()
              + " is incomplete ("
              + MARKER
              + " lies in it): the job that wrote it was interrupted; run that job again");
    }
  }

  static boolean isMarked(Location folder) throws IOException {
    return folder.isDirectory() && folder.child(MARKER).exists();
  }

  /**
   * Moves all that is in a folder to another one, whose own content goes.
   *
   * @param lease of that folder, which is looked after before each of the steps, since they take
   *     their time
   */
  static void replace(Location folder, Path by, OutputLease lease) throws IOException {
    FileSystem fileSystem = folder.fileSystem();
    empty(folder);
    for (FileStatus child : fileSystem.listStatus(by)) {
      lease.verify();
      Path to = folder.child(child.getPath().getName()).path();
      if (!fileSystem.rename(child.getPath(), to)) {
        throw new IOException("Could not rename " + child.getPath() + " to " + to);
      }
    }
    lease.verify();
    fileSystem.delete(marker(folder), false);
    fileSystem.delete(by, true);
  }

  /** Deletes a folder and all in it. */
  static void delete(Location folder) throws IOException {
    empty(folder);
    folder.fileSystem().delete(folder.path(), true);
  }

  /** Leaves only the marker. */
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
