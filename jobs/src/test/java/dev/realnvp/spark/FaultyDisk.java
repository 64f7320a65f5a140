package dev.realnvp.spark;

import java.io.IOException;
import java.net.URI;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** The local disk under {@code faulty:///}, with the faults that a test asks for. */
public final class FaultyDisk extends OtherDisk {

  private static final Predicate<Path> NONE = path -> false;

  private static volatile Predicate<Path> lost = NONE;
  private static volatile Predicate<Path> refused = NONE;

  /** Hadoop's settings, with this file system; {@link #repair} ends its faults. */
  public static void register(Configuration hadoop) {
    hadoop.setClass("fs.faulty.impl", FaultyDisk.class, FileSystem.class);
  }

  /** Loses files that are renamed to such names, without a word. */
  public static void lose(Predicate<Path> names) {
    lost = names;
  }

  /** Refuses to make files of such names. */
  public static void refuse(Predicate<Path> names) {
    refused = names;
  }

  /** Ends all faults. */
  public static void repair() {
    lost = NONE;
    refused = NONE;
  }

  @Override
  public URI getUri() {
    return URI.create("faulty:///");
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    return lost.test(to) ? delete(from, true) : super.rename(from, to);
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
    requireRoom(file);
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
    requireRoom(file);
    return super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
  }

  private static void requireRoom(Path file) throws IOException {
    if (refused.test(file)) {
      throw new IOException("No space left on device");
    }
  }
}
