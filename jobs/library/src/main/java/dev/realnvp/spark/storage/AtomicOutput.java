package dev.realnvp.spark.storage;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.stored.StoredFolder;
import dev.realnvp.stored.StoredModel;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.apache.commons.io.function.IOConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SaveMode;

/**
 * Outputs that appear complete or not at all, on any Hadoop file system. An output {@code NAME}, a
 * file or a folder, is written to its hidden sibling {@code .NAME.tmp-RANDOM} and renamed when
 * complete. An old one is moved aside to {@code .NAME.old-RANDOM} first, deleted when the new one
 * is in place, and put back if that fails.
 *
 * <p>If renaming a folder is not one step, as on an object store, where each of its files is
 * copied, the files of the complete folder are moved one by one into the target. Meanwhile the
 * target is marked: the file {@code _incomplete} comes first and goes last. Readers refuse a folder
 * with it ({@link Location#requireComplete}); those of Parquet ignore the name. The old output is
 * deleted just before that, and lost if the move fails.
 *
 * <p>A target has one writer at a time, which holds its {@link OutputLease}. Every method takes the
 * lease, unless the caller has it already, and refuses if another writer has it. So leftovers that
 * are found while the lease is held come from a program that was killed. The next write to, or
 * check of, the same target cleans up: temporaries and incomplete folders are deleted, and an old
 * output that was moved aside, and not replaced, is restored.
 *
 * <p>{@link SaveMode#ErrorIfExists} accepts an empty folder, which the output then replaces. {@link
 * SaveMode#Overwrite} replaces nothing but an output of the same kind, which its manifest tells: a
 * wrong path must not delete a run, or what another program wrote.
 */
public final class AtomicOutput {

  /** The kind of an output that is one file, which has no manifest. */
  public static final String FILE = "a file";

  private AtomicOutput() {}

  /**
   * Fails if {@link #write} would fail because of existing outputs. To be called before hours of
   * work, by a caller that holds the lease until it has written.
   *
   * @param kind what the output's manifest will call it; else {@link #FILE}
   * @throws InvalidInputException if the target exists and must not be replaced
   * @throws OutputInUseException if another writer has the target
   */
  public static void check(Configuration hadoop, String target, SaveMode policy, String kind)
      throws IOException {
    try (OutputLease lease = OutputLease.take(hadoop, target)) {
      refuse(open(hadoop, target, lease), policy, kind);
    }
  }

  /**
   * Whether there is an output, after leftovers of a killed program are cleaned up; an empty folder
   * does not count.
   *
   * @throws OutputInUseException if another writer has the target
   */
  public static boolean exists(Configuration hadoop, String target) throws IOException {
    try (OutputLease lease = OutputLease.take(hadoop, target)) {
      return isTaken(open(hadoop, target, lease));
    }
  }

  /**
   * Writes an output and puts it in place.
   *
   * @param kind as for {@link #check}
   * @param action writes the complete output to the path that it is given, which does not exist
   *     yet; its folder does
   * @throws InvalidInputException if the target exists and must not be replaced; nothing was
   *     written
   * @throws OutputInUseException if another writer has the target, or took it over while this one
   *     was suspended
   * @throws IOException if the file system fails; the previous output is restored, except on an
   *     object store that failed while the files were moved
   */
  public static void write(
      Configuration hadoop, String target, SaveMode policy, String kind, IOConsumer<String> action)
      throws IOException {
    try (OutputLease lease = OutputLease.take(hadoop, target)) {
      write(open(hadoop, target, lease), policy, kind, action, lease);
    }
  }

  private static Location open(Configuration hadoop, String target, OutputLease lease)
      throws IOException {
    Location place = Location.of(hadoop, target);
    lease.verify();
    tidy(place);
    return place;
  }

  private static void write(
      Location place, SaveMode policy, String kind, IOConsumer<String> action, OutputLease lease)
      throws IOException {
    refuse(place, policy, kind);
    FileSystem fileSystem = place.fileSystem();
    fileSystem.mkdirs(place.path().getParent());
    Path temporary = hidden(place, "tmp-" + UUID.randomUUID());
    try {
      action.accept(temporary.toString());
      // A second check, for outputs that appeared during the work.
      lease.verify();
      refuse(place, policy, kind);
      replace(place, temporary, lease);
    } catch (Throwable e) {
      // Spark throws checked exceptions without declaring them. All are rethrown.
      remove(fileSystem, temporary, e);
      requireNotTheCause(lease, e);
      throw e;
    }
  }

  /** A writer that took the output over has deleted the temporary too. */
  private static void requireNotTheCause(OutputLease lease, Throwable failure) {
    try {
      lease.verify();
    } catch (OutputInUseException lost) {
      if (lost.getClass() != failure.getClass()) {
        lost.addSuppressed(failure);
        throw lost;
      }
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private static void replace(Location place, Path temporary, OutputLease lease)
      throws IOException {
    FileSystem fileSystem = place.fileSystem();
    if (!fileSystem.exists(temporary)) {
      throw new FileNotFoundException(
          "Nothing was written for " + place.display() + ": " + temporary + " does not exist");
    }
    if (!place.renamesAtOnce() && fileSystem.getFileStatus(temporary).isDirectory()) {
      moveFiles(temporary, place, lease);
      return;
    }
    if (!place.exists()) {
      rename(fileSystem, temporary, place.path());
      return;
    }
    Path old = hidden(place, "old-" + UUID.randomUUID());
    rename(fileSystem, place.path(), old);
    try {
      rename(fileSystem, temporary, place.path());
    } catch (Throwable e) {
      try {
        rename(fileSystem, old, place.path());
      } catch (IOException | RuntimeException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    fileSystem.delete(old, true);
  }

  /**
   * Moves the content of a folder to another one, whose own content is deleted.
   *
   * @param lease of that folder, which is checked before each step, because steps take time
   */
  private static void moveFiles(Path from, Location to, OutputLease lease) throws IOException {
    FileSystem fileSystem = to.fileSystem();
    empty(to);
    for (FileStatus child : fileSystem.listStatus(from)) {
      lease.verify();
      rename(fileSystem, child.getPath(), to.child(child.getPath().getName()).path());
    }
    lease.verify();
    fileSystem.delete(to.child(StoredFolder.INCOMPLETE).path(), false);
    fileSystem.delete(from, true);
  }

  /** Marks a folder as incomplete, and deletes all else in it. */
  private static void empty(Location folder) throws IOException {
    FileSystem fileSystem = folder.fileSystem();
    fileSystem.create(folder.child(StoredFolder.INCOMPLETE).path(), true).close();
    for (FileStatus child : fileSystem.listStatus(folder.path())) {
      if (!child.getPath().getName().equals(StoredFolder.INCOMPLETE)) {
        fileSystem.delete(child.getPath(), true);
      }
    }
  }

  private static void refuse(Location place, SaveMode policy, String kind) throws IOException {
    if (!isTaken(place)) {
      return;
    }
    String found = found(place, kind);
    if (!found.equals(kind)) {
      throw new InvalidInputException(
          "Output %s exists already and is %s, which %s does not replace: name another place, or move it away"
              .formatted(place.display(), found, kind));
    }
    if (policy == SaveMode.ErrorIfExists) {
      throw new InvalidInputException(
          "Output " + place.display() + " exists already: use --overwrite to replace it");
    }
  }

  /**
   * The kind of what is there; other words if it is no output of this project. One whose manifest
   * is damaged counts as the kind that is to be written.
   */
  private static String found(Location place, String kind) throws IOException {
    boolean folder = place.isDirectory();
    Location output = folder ? place : place.parent();
    for (String manifest : List.of(StoredModel.MANIFEST, ParquetFiles.MANIFEST)) {
      if (output.has(manifest)) {
        if (!folder) {
          return "part of " + output.display();
        }
        try {
          return StoredModel.manifest(output, manifest).kind();
        } catch (IOException | IllegalArgumentException e) {
          if (e instanceof IOException && !(e.getCause() instanceof ChecksumException)) {
            throw e;
          }
          boolean own = manifest.equals(ParquetFiles.MANIFEST) || output.has(StoredModel.MODEL);
          return own ? kind : "a folder with another %s".formatted(manifest);
        }
      }
    }
    return folder ? "a folder that is no output of this project" : FILE;
  }

  private static boolean isTaken(Location place) throws IOException {
    return place.exists() && !isEmptyFolder(place);
  }

  private static boolean isEmptyFolder(Location place) throws IOException {
    return place.isDirectory() && !place.fileSystem().listStatusIterator(place.path()).hasNext();
  }

  private static void tidy(Location place) throws IOException {
    FileSystem fileSystem = place.fileSystem();
    if (place.isDirectory() && place.child(StoredFolder.INCOMPLETE).exists()) {
      empty(place);
      fileSystem.delete(place.path(), true);
    }
    String prefix = "." + place.path().getName() + ".";
    for (FileStatus leftover : place.siblings(prefix)) {
      String name = leftover.getPath().getName();
      if (name.startsWith(prefix + "tmp-")) {
        fileSystem.delete(leftover.getPath(), true);
      } else if (name.startsWith(prefix + "old-")) {
        if (place.exists()) {
          fileSystem.delete(leftover.getPath(), true);
        } else {
          rename(fileSystem, leftover.getPath(), place.path());
        }
      }
    }
  }

  private static Path hidden(Location place, String suffix) {
    return place.sibling("." + place.path().getName() + "." + suffix).path();
  }

  private static void rename(FileSystem fileSystem, Path from, Path to) throws IOException {
    if (!fileSystem.rename(from, to)) {
      throw new IOException("Could not rename " + from + " to " + to);
    }
  }

  private static void remove(FileSystem fileSystem, Path temporary, Throwable failure) {
    try {
      fileSystem.delete(temporary, true);
    } catch (IOException | RuntimeException | Error e) {
      failure.addSuppressed(e);
    }
  }
}
