package dev.realnvp.spark.data;

import java.io.IOException;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

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

  /** What to throw when the file system says no. */
  public InvalidInputException unreadable(IOException e) {
    String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new InvalidInputException(
        "Cannot read " + display() + ": " + reason.lines().findFirst().orElse(""), e);
  }
}
