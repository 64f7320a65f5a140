package dev.realnvp.spark.preflight;

import dev.realnvp.spark.storage.Location;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** The checks of places: of inputs, of outputs, and of the disks that are written to. */
final class Places {

  private static final String OUTPUT = "output";

  private static final String INPUT = "input";
  static final String DISK = "disk";

  /** What a default run on MNIST writes. */
  static final long LEAST_ROOM = 32L << 20;

  /** Enough for thirty such runs, larger data, or rows that Spark spills; less is a warning. */
  static final long AMPLE_ROOM = 1L << 30;

  private Places() {}

  /**
   * Outputs can be written, and their disks have free space. Creates a hidden file in the folder of
   * each output, and removes it with the folders that it needed.
   */
  static List<Finding> outputs(Configuration hadoop, Collection<String> outputs) {
    // Each only once: most outputs share a folder, and its problems.
    Set<Finding> findings = new LinkedHashSet<>();
    Set<Location> folders = new LinkedHashSet<>();
    for (String output : outputs) {
      try {
        Location location = Location.of(hadoop, output);
        // The root has no parent; the job refuses it as an output.
        if (!location.path().isRoot()) {
          folders.add(new Location(location.fileSystem(), location.path().getParent()));
        }
      } catch (RuntimeException e) {
        findings.add(
            Finding.error(
                OUTPUT,
                "no file system for outputs (%s): check --run, and give Spark the file system's jars"
                    .formatted(Finding.reason(e)),
                e));
      }
    }
    folders.forEach(folder -> findings.addAll(output(folder)));
    return List.copyOf(findings);
  }

  private static List<Finding> output(Location folder) {
    try {
      List<Path> missing = missing(folder.fileSystem(), folder.path());
      probe(folder.fileSystem(), folder.path(), missing);
      Path present =
          missing.isEmpty() ? folder.path() : missing.get(missing.size() - 1).getParent();
      return List.of(
          Finding.ok(OUTPUT, folder.display() + " can be written to"),
          room(ProcessFacts.FreeSpace.of(new Location(folder.fileSystem(), present))));
    } catch (IOException | RuntimeException | FSError e) {
      // Hadoop throws the last one for errors of a local disk.
      return List.of(
          Finding.error(
              OUTPUT,
              "cannot write to %s (%s): check permissions and room, or write elsewhere with --run"
                  .formatted(folder.display(), Finding.reason(e)),
              e));
    }
  }

  /** The missing folders, from the innermost one outwards. */
  private static List<Path> missing(FileSystem files, Path folder) throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path path = folder; !path.isRoot() && !files.exists(path); path = path.getParent()) {
      missing.add(path);
    }
    return missing;
  }

  private static void probe(FileSystem files, Path folder, List<Path> missing) throws IOException {
    Path file = new Path(folder, ".preflight-" + UUID.randomUUID());
    try (OutputStream out = files.create(file)) {
      out.write(0);
    } finally {
      files.delete(file, false);
      for (Path made : missing) {
        // Another job may use it by now.
        new Location(files, made).deleteIfEmpty();
      }
    }
  }

  /**
   * Inputs can be read: the first byte of a file, or of one file of a folder. A missing input is
   * not a finding, because the job itself says what it expected.
   */
  static List<Finding> inputs(Configuration hadoop, Collection<String> inputs) {
    return inputs.stream().distinct().flatMap(input -> input(hadoop, input).stream()).toList();
  }

  private static Optional<Finding> input(Configuration hadoop, String input) {
    try {
      Location location = Location.of(hadoop, input);
      read(location.fileSystem(), location.path());
      return Optional.of(Finding.ok(INPUT, location.display() + " can be read"));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException | FSError e) {
      // Hadoop throws the last one for errors of a local disk.
      return Optional.of(
          Finding.error(
              INPUT,
              "cannot read %s (%s): check permissions, credentials, and the jars of its file system"
                  .formatted(input, Finding.reason(e)),
              e));
    }
  }

  private static void read(FileSystem files, Path path) throws IOException {
    FileStatus status = files.getFileStatus(path);
    if (status.isFile()) {
      readByte(files, path);
      return;
    }
    RemoteIterator<LocatedFileStatus> all = files.listFiles(path, true);
    if (all.hasNext()) {
      readByte(files, all.next().getPath());
    }
  }

  private static void readByte(FileSystem files, Path file) throws IOException {
    try (InputStream in = files.open(file)) {
      in.read();
    }
  }

  /** Checks Spark's local folders. */
  static List<Finding> local(List<ProcessFacts> processes) {
    return Verdict.lists(
        DISK,
        processes,
        process ->
            process.local().stream()
                .map(space -> room(space, "name another spark.local.dir, or make room"))
                .distinct()
                .toList());
  }

  /** Checks a place for outputs. */
  static Finding room(ProcessFacts.FreeSpace space) {
    return room(space, "write elsewhere with --run, or make room").finding(DISK, "");
  }

  private static Verdict room(ProcessFacts.FreeSpace space, String remedy) {
    String got = space.folder() + " has " + Verdict.size(space.free()) + " left";
    if (space.free() < LEAST_ROOM) {
      return Verdict.error(got + ", less than " + Verdict.size(LEAST_ROOM), remedy);
    }
    if (space.free() < AMPLE_ROOM) {
      return Verdict.warning(got + ", less than " + Verdict.size(AMPLE_ROOM), remedy);
    }
    return Verdict.ok(got);
  }
}
