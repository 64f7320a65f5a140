package dev.realnvp.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local disk under {@code objects:///}, with an object store's manners: to rename a folder is
 * to copy each of its files and then to delete each, and to delete one is to delete each of its
 * files. A test can have its user killed before any of these steps; after that it does nothing
 * more.
 */
public final class ObjectStore extends OtherDisk {

  /** What a killed program would not live to see. */
  public static final class Killed extends Error {
    Killed(String step) {
      super("killed before: " + step);
    }
  }

  private static final URI NAME = URI.create("objects:///");
  private static final int NEVER = Integer.MAX_VALUE;
  private static int stepsLeft = NEVER;
  private static String doomed;

  /** Hadoop's settings, with this file system. */
  public static void register(Configuration hadoop) {
    hadoop.setClass("fs.objects.impl", ObjectStore.class, FileSystem.class);
  }

  /** Lets so many steps happen, and no more. */
  public static synchronized void killAfter(int steps) {
    stepsLeft = steps;
  }

  /** Lets all steps happen before the first that deletes a path that ends like this. */
  public static synchronized void killBeforeDeleting(String path) {
    doomed = path;
  }

  /** Lets all steps happen from now on. */
  public static synchronized void revive() {
    stepsLeft = NEVER;
    doomed = null;
  }

  private static synchronized void step(String name) {
    if (doomed != null && name.startsWith("delete ") && name.endsWith(doomed)) {
      stepsLeft = 0;
    }
    if (stepsLeft == NEVER) {
      return;
    }
    if (stepsLeft == 0) {
      throw new Killed(name);
    }
    stepsLeft--;
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    step("create " + file);
    return super.create(file, overwrite, bufferSize, replication, blockSize, progress);
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    step("create " + file);
    return super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    if (!exists(from)) {
      throw new FileNotFoundException(from.toString());
    }
    if (exists(to)) {
      return false;
    }
    copy(from, to);
    return delete(from, true);
  }

  private void copy(Path from, Path to) throws IOException {
    if (!getFileStatus(from).isDirectory()) {
      FileUtil.copy(this, from, this, to, false, getConf());
      return;
    }
    mkdirs(to);
    for (FileStatus child : children(from)) {
      copy(child.getPath(), new Path(to, child.getPath().getName()));
    }
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    if (!exists(path)) {
      return false;
    }
    if (getFileStatus(path).isDirectory()) {
      FileStatus[] children = children(path);
      if (children.length > 0 && !recursive) {
        throw new IOException(path + " is not empty");
      }
      for (FileStatus child : children) {
        delete(child.getPath(), true);
      }
    }
    step("delete " + path);
    return super.delete(path, false);
  }

  private FileStatus[] children(Path folder) throws IOException {
    FileStatus[] children = listStatus(folder);
    Arrays.sort(children);
    return children;
  }
}
