package dev.realnvp.spark.preflight;

import dev.realnvp.spark.failure.RetryableException;
import dev.realnvp.spark.storage.Location;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.net.NetUtils;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The room in Spark's local folders for what a training keeps there. The rows lie there twice
 * meanwhile: in the two shuffles that deal them out, and then in the second one and the workers'
 * files.
 */
public final class LocalDiskSpace {

  private static final int COPIES = 2;

  private LocalDiskSpace() {}

  /**
   * A folder and the free space on its disk.
   *
   * @param free in bytes
   * @param disk the same for folders that share this space
   */
  record Folder(String name, long free, String disk) implements Serializable {

    /** A folder on any file system; its space is unlimited on an object store. */
    static Folder of(Location folder) throws IOException {
      // Hadoop also counts the space that a local disk reserves for the superuser.
      long free =
          folder.path().toUri().getScheme().equals("file")
              ? new File(folder.path().toUri()).getUsableSpace()
              : folder.fileSystem().getStatus(folder.path()).getRemaining();
      return new Folder(folder.display(), free, "");
    }

    /** Spark's local folders of this process, for shuffles, spilled rows and broadcasts. */
    static List<Folder> ofSparkHere() {
      return Arrays.stream(SparkEnv.get().blockManager().diskBlockManager().localDirs())
          .map(folder -> new Folder(configured(folder), folder.getUsableSpace(), disk(folder)))
          .toList();
    }

    static String disk(File folder) {
      try {
        return "device " + Files.getAttribute(folder.toPath(), "unix:dev");
      } catch (IOException | RuntimeException e) {
        return folder.toString();
      }
    }

    /** The folder in the settings, in which Spark creates folders with changing names. */
    private static String configured(File folder) {
      Path path = folder.toPath().toAbsolutePath().getParent();
      while (path.getFileName() != null
          && path.getFileName().toString().matches("(spark|executor)-[0-9a-f-]{36}")) {
        path = path.getParent();
      }
      return path.toString();
    }
  }

  record Executor(String host, List<Folder> folders) implements Serializable {
    static Executor here() {
      return new Executor(NetUtils.getLocalHostname(), Folder.ofSparkHere());
    }
  }

  /**
   * Refuses a training whose rows do not fit, if they are shared evenly among the executors.
   *
   * @param bytes of all rows, once
   * @throws RetryableException if a host's folders have not enough space left
   */
  public static void require(JavaSparkContext spark, long bytes) {
    require(
        spark.isLocal()
            ? List.of(Executor.here())
            : Preflight.answers(spark, Executor::here).values(),
        bytes);
  }

  static void require(Collection<Executor> executors, long bytes) {
    executors.stream()
        .collect(Collectors.groupingBy(Executor::host))
        .forEach((host, here) -> require(host, here, (double) bytes / executors.size()));
  }

  private static void require(String host, List<Executor> executors, double bytesOfOne) {
    long needed = (long) (COPIES * bytesOfOne * executors.size());
    List<Folder> folders =
        executors.stream().flatMap(executor -> executor.folders.stream()).distinct().toList();
    Map<String, Long> disks = new HashMap<>();
    folders.forEach(folder -> disks.merge(folder.disk, folder.free, Math::min));
    long free = disks.values().stream().mapToLong(Long::longValue).sum();
    if (free < needed) {
      throw new RetryableException(
          "training keeps %s in Spark's local folders on %s (%s of rows, %d times at once), and %s has %s left: name another spark.local.dir, or make room"
              .formatted(
                  Checks.size(needed),
                  host,
                  Checks.size(needed / COPIES),
                  COPIES,
                  folders.stream()
                      .map(Folder::name)
                      .distinct()
                      .collect(Collectors.joining(" and ")),
                  Checks.size(free)));
    }
  }
}
