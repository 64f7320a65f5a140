package dev.realnvp.spark.preflight;

import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.OutputLease;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;

/** The checks of places: of outputs, and of the disks that are written to. */
final class Places {

  private static final String OUTPUT = "output";
  private static final String DISK = "disk";

  /** What a default run on MNIST writes. */
  private static final long LEAST_ROOM = 32L << 20;

  /** Enough for thirty such runs, larger data, or rows that Spark spills; less is a warning. */
  private static final long AMPLE_ROOM = 1L << 30;

  private Places() {}

  /**
   * Outputs can be written, and their disks have free space. Takes a lease in the folder of each
   * output, that is, creates a hidden file, and removes it with the folders that it needed.
   *
   * @return each finding only once: most outputs share a folder, and its problems
   */
  static List<Finding> outputs(Configuration hadoop, Collection<String> outputs) {
    Set<Finding> findings = new LinkedHashSet<>();
    Set<Location> folders = new LinkedHashSet<>();
    for (String output : outputs) {
      try {
        Location location = Location.of(hadoop, output);
        // The root has no parent; the job refuses it as an output.
        if (!location.path().isRoot() && folders.add(location.parent())) {
          findings.addAll(output(hadoop, location.parent()));
        }
      } catch (RuntimeException e) {
        findings.add(
            Finding.error(
                OUTPUT,
                "no file system for outputs",
                e,
                "check --run, and give Spark the file system's jars"));
      }
    }
    return List.copyOf(findings);
  }

  private static List<Finding> output(Configuration hadoop, Location folder) {
    String place = folder.child(".preflight-" + UUID.randomUUID()).path().toString();
    try (OutputLease lease = OutputLease.take(hadoop, place)) {
      lease.verify();
      return List.of(
          Finding.ok(OUTPUT, folder.display() + " can be written to"),
          room(LocalDiskSpace.Folder.of(folder), "write elsewhere with --run, or make room"));
    } catch (IOException | RuntimeException | FSError e) {
      // Hadoop throws the last one for errors of a local disk.
      return List.of(
          Finding.error(
              OUTPUT,
              "cannot write to " + folder.display(),
              e,
              "check permissions and room, or write elsewhere with --run"));
    }
  }

  /** Whether a folder's disk has free space. */
  static Finding room(LocalDiskSpace.Folder folder, String remedy) {
    String got = "%s has %s left".formatted(folder.name(), Checks.size(folder.free()));
    if (folder.free() >= AMPLE_ROOM) {
      return Finding.ok(DISK, got);
    }
    boolean hardly = folder.free() < LEAST_ROOM;
    return new Finding(
        hardly ? Severity.ERROR : Severity.WARNING,
        DISK,
        got + ", less than " + Checks.size(hardly ? LEAST_ROOM : AMPLE_ROOM),
        remedy,
        hardly);
  }
}
