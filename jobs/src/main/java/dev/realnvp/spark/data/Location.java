package dev.realnvp.spark.data;

import java.io.File;
import java.io.IOException;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * A path and the file system that it is on.
 *
 * @param fileSystem the file system of the path's scheme, or the default one
 * @param path the path, absolute and with its scheme
 */
public record Location(FileSystem fileSystem, Path path) {

  /** Schemes of file systems that rename a folder in one step, whatever is in it. */
  private static final Set<String> ATOMIC = Set.of("file", "hdfs", "webhdfs", "swebhdfs");

  /**
   * Resolves a path or Hadoop URI.
   *
   * @throws InvalidInputException if it is no path, or of a file system that is not there
   */
  public static Location of(Configuration hadoop, String name) {
    try {
      Path path = new Path(name);
      FileSystem fileSystem = path.getFileSystem(hadoop);
      return new Location(fileSystem, fileSystem.makeQualified(path));
    } catch (IllegalArgumentException | IOException e) {
      throw new InvalidInputException("Cannot use '" + name + "' as a path: " + e.getMessage(), e);
    }
  }

  /** How a message names the path: without the scheme where that is the local disk's. */
  public String display() {
    return display(path);
  }

  /** How a message names a path that has a scheme. */
  public static String display(Path path) {
    return "file".equals(path.toUri().getScheme()) ? path.toUri().getPath() : path.toString();
  }

  Location sibling(String name) {
    return new Location(fileSystem, new Path(path.getParent(), name));
  }

  /** The folder that it is in; not to be asked of the root. */
  public Location parent() {
    return new Location(fileSystem, path.getParent());
  }

  /** A name in this folder. */
  public Location child(String name) {
    return new Location(fileSystem, new Path(path, name));
  }

  /** Whether a folder is renamed in one step; of file systems that are not known, no. */
  boolean renamesAtOnce() {
    return ATOMIC.contains(fileSystem.getUri().getScheme());
  }

  /** Whether there is a file or a folder. */
  public boolean exists() throws IOException {
    return fileSystem.exists(path);
  }

  /** Whether it is a folder; of what does not exist, no. */
  public boolean isDirectory() throws IOException {
    return exists() && fileSystem.getFileStatus(path).isDirectory();
  }

  /**
   * Deletes an empty folder. On a local disk Hadoop's own would list it, and then delete whatever
   * has come into it meanwhile.
   *
   * @return whether it is gone
   */
  public boolean deleteIfEmpty() throws IOException {
    FileSystem raw =
        fileSystem instanceof FilterFileSystem filter ? filter.getRawFileSystem() : fileSystem;
    if (raw instanceof RawLocalFileSystem local) {
      File folder = local.pathToFile(path);
      return folder.isDirectory() && folder.delete();
    }
    return isDirectory()
        && fileSystem.listStatus(path).length == 0
        && fileSystem.delete(path, false);
  }

  /** What to throw when the file system says no. */
  public InvalidInputException unreadable(IOException e) {
    String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new InvalidInputException(
        "Cannot read " + display() + ": " + reason.lines().findFirst().orElse(""), e);
  }
}
