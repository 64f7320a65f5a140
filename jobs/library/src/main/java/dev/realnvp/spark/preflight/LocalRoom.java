package dev.realnvp.spark.preflight;

import dev.realnvp.spark.failure.Retryable;
import dev.realnvp.spark.failure.Text;
import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.net.NetUtils;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The room in Spark's local folders for what a training keeps there. The rows lie there twice
 * meanwhile: in the two shuffles that deal them out, and then in the second one and the workers'
 * files.
 */
public final class LocalRoom {

  private static final int COPIES = 2;

  /** The local folders of an executor. */
  record Folders(String host, List<ProcessFacts.FreeSpace> spaces) implements Serializable {
    static Folders here() {
      return new Folders(NetUtils.getLocalHostname(), ProcessFacts.FreeSpace.ofSparkHere());
    }
  }

  private LocalRoom() {}

  /**
   * Refuses a training whose rows do not fit, if they are shared evenly among the executors.
   *
   * @param bytes of all rows, once
   * @throws NoRoomException if a host's folders have not enough space left
   */
  public static void require(JavaSparkContext spark, long bytes) {
    require(
        spark.isLocal()
            ? List.of(Folders.here())
            : Preflight.answers(spark, Folders::here).values(),
        bytes);
  }

  static void require(Collection<Folders> executors, long bytes) {
    Map<String, List<Folders>> hosts =
        executors.stream().collect(Collectors.groupingBy(Folders::host));
    hosts.forEach((host, folders) -> require(host, folders, executors.size(), bytes));
  }

  private static void require(String host, List<Folders> folders, int executors, long bytes) {
    long needed = (long) ((double) COPIES * bytes * folders.size() / executors);
    List<ProcessFacts.FreeSpace> spaces =
        folders.stream().flatMap(some -> some.spaces().stream()).distinct().toList();
    Map<String, Long> disks = new HashMap<>();
    spaces.forEach(space -> disks.merge(space.disk(), space.free(), Math::min));
    long free = disks.values().stream().mapToLong(Long::longValue).sum();
    if (free < needed) {
      throw new NoRoomException(
          "training keeps %s in Spark's local folders on %s (%s of rows, %d times at once), and %s has %s left: name another spark.local.dir, or make room"
              .formatted(
                  Verdict.size(needed),
                  host,
                  Verdict.size(needed / COPIES),
                  COPIES,
                  spaces.stream()
                      .map(ProcessFacts.FreeSpace::folder)
                      .distinct()
                      .collect(Collectors.joining(" and ")),
                  Verdict.size(free)));
    }
  }

  /** There is no room for a training's rows. */
  public static final class NoRoomException extends RuntimeException implements Retryable {
    NoRoomException(String message) {
      super(Text.line(message));
    }
  }
}
