package dev.realnvp.spark.preflight;

import dev.realnvp.spark.storage.Location;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Checks that outputs can be written, and that their disks have free space. It creates a hidden
 * file in the folder of each output, and removes it with the folders that it needed.
 */
final class OutputCheck {

  private static final String SUBJECT = "output";

  private OutputCheck() {}

  static List<Finding> of(Configuration hadoop, Collection<String> outputs) {
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
                SUBJECT,
                "no file system for outputs (%s): check --run, and give Spark the file system's jars"
                    .formatted(Reason.of(e)),
                e));
      }
    }
    folders.forEach(folder -> findings.addAll(of(folder)));
    return List.copyOf(findings);
  }

  private static List<Finding> of(Location folder) {
    try {
      List<Path> missing = missing(folder.fileSystem(), folder.path());
      probe(folder.fileSystem(), folder.path(), missing);
      Path present =
          missing.isEmpty() ? folder.path() : missing.get(missing.size() - 1).getParent();
      return List.of(
          Finding.ok(SUBJECT, folder.display() + " can be written to"),
          DiskCheck.output(FreeSpace.of(new Location(folder.fileSystem(), present))));
    } catch (IOException | RuntimeException | FSError e) {
      // Hadoop throws the last one for errors of a local disk.
      return List.of(
          Finding.error(
              SUBJECT,
              "cannot write to %s (%s): check permissions and room, or write elsewhere with --run"
                  .formatted(folder.display(), Reason.of(e)),
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
}
