package dev.realnvp.spark.storage;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.stored.StoredFolder;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * A path and its file system.
 *
 * @param fileSystem the file system of the path's scheme, or the default one
 * @param path the path, absolute and with its scheme
 */
public record Location(FileSystem fileSystem, Path path) implements StoredFolder {

  /** Schemes of file systems that rename a folder in one step, whatever its content. */
  private static final Set<String> ATOMIC = Set.of("file", "hdfs", "webhdfs", "swebhdfs");

  /**
   * Resolves a path or Hadoop URI.
   *
   * @throws InvalidInputException if it is not a path, or its file system does not exist
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

  /** The path in messages: without the scheme if it is on the local disk. */
  @Override
  public String display() {
    return display(path);
  }

  /** A path with a scheme, in messages. */
  public static String display(Path path) {
    return "file".equals(path.toUri().getScheme()) ? path.toUri().getPath() : path.toString();
  }

  Location sibling(String name) {
    return new Location(fileSystem, new Path(path.getParent(), name));
  }

  /**
   * The files beside it whose names begin with a prefix; none if its folder is not there. The
   * folder may hold a million others: on a local disk these are not looked at, elsewhere they come
   * page by page.
   */
  List<FileStatus> siblings(String prefix) throws IOException {
    List<FileStatus> found = new ArrayList<>();
    try {
      if (raw() instanceof RawLocalFileSystem local) {
        try (DirectoryStream<java.nio.file.Path> names =
            Files.newDirectoryStream(
                local.pathToFile(path.getParent()).toPath(),
                file -> file.getFileName().toString().startsWith(prefix))) {
          for (java.nio.file.Path file : names) {
            Path sibling = sibling(file.getFileName().toString()).path;
            try {
              found.add(fileSystem.getFileStatus(sibling));
            } catch (FileNotFoundException e) {
              // It is gone again.
            }
          }
        }
        return found;
      }
      RemoteIterator<FileStatus> all = fileSystem.listStatusIterator(path.getParent());
      while (all.hasNext()) {
        FileStatus file = all.next();
        if (file.getPath().getName().startsWith(prefix)) {
          found.add(file);
        }
      }
    } catch (FileNotFoundException | NoSuchFileException e) {
      // There is no folder.
    }
    return found;
  }

  /** Its folder; the root has none. */
  public Location parent() {
    return new Location(fileSystem, path.getParent());
  }

  public Location child(String name) {
    return new Location(fileSystem, new Path(path, name));
  }

  /** Whether the other one is this place or in it; on a local disk after links are followed. */
  public boolean holds(Location other) {
    return (other.real() + "/").startsWith(real() + "/");
  }

  private String real() {
    try {
      return raw() instanceof RawLocalFileSystem local
          ? "file:" + local.pathToFile(path).getCanonicalPath()
          : path.toString();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private FileSystem raw() {
    return fileSystem instanceof FilterFileSystem filter ? filter.getRawFileSystem() : fileSystem;
  }

  /** Whether a folder is renamed in one step; no for unknown file systems. */
  public boolean renamesAtOnce() {
    return ATOMIC.contains(fileSystem.getUri().getScheme());
  }

  /** Whether it exists, as a file or a folder. */
  public boolean exists() throws IOException {
    return fileSystem.exists(path);
  }

  public boolean isDirectory() throws IOException {
    return exists() && fileSystem.getFileStatus(path).isDirectory();
  }

  /**
   * Opens a file.
   *
   * @param expected a description of the expected file
   * @throws InvalidInputException if there is none
   */
  public InputStream open(String expected) throws IOException {
    try {
      return fileSystem.open(path);
    } catch (FileNotFoundException e) {
      String got = exists() ? display() + " is a folder" : "there is no " + display();
      throw new InvalidInputException(got + "; expected " + expected, e);
    }
  }

  @Override
  public String display(String name) {
    return child(name).display();
  }

  /**
   * Whether it is a folder with a file of this name. It may be a single file, and HDFS does not let
   * everybody look for something in that.
   */
  @Override
  public boolean has(String name) {
    try {
      return isDirectory() && child(name).exists();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public InputStream open(String name, String expected) throws IOException {
    return child(name).open(expected);
  }

  /**
   * To be called before a folder is read.
   *
   * @throws InvalidInputException if it is incomplete
   */
  @Override
  public void requireComplete() throws IOException {
    try {
      StoredFolder.super.requireComplete();
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(e.getMessage(), e);
    }
  }

  /**
   * Deletes an empty folder. On a local disk Hadoop's own method lists it, and then deletes
   * whatever has been added meanwhile.
   *
   * @return whether it is gone
   */
  public boolean deleteIfEmpty() throws IOException {
    if (raw() instanceof RawLocalFileSystem local) {
      File folder = local.pathToFile(path);
      return folder.isDirectory() && folder.delete();
    }
    return isDirectory()
        && fileSystem.listStatus(path).length == 0
        && fileSystem.delete(path, false);
  }

  /** The exception for a failure of the file system. */
  public InvalidInputException unreadable(IOException e) {
    return new InvalidInputException(StoredFolder.unreadable(display(), e), e);
  }
}
