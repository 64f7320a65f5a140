package dev.realnvp.spark.storage;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.hadoop.net.NetUtils;

/**
 * A process that writes an output, described so that another process can check whether it is still
 * alive.
 *
 * @param host the machine's name, for messages
 * @param user the owner of the process; others may not be able to see it
 * @param pid its number
 * @param started the time, in the kernel's ticks since the machine booted, which is independent of
 *     the clock; together with {@code pid} it is unique until the machine reboots
 * @param boot the id of the machine's current boot; null if the system does not provide it
 * @param namespace of the process numbers, for example a container's; null if the system does not
 *     provide it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record WriterProcess(
    String host, String user, long pid, String started, String boot, String namespace) {

  private static final Path PROC = Path.of("/proc");

  /**
   * Index in {@code /proc/PID/stat}, counted after the name in brackets, which may contain
   * anything.
   */
  private static final int STATE = 0;

  private static final int START_TIME = 19;

  private static final WriterProcess CURRENT =
      new WriterProcess(
          NetUtils.getLocalHostname(),
          System.getProperty("user.name"),
          ProcessHandle.current().pid(),
          start(ProcessHandle.current().pid()),
          read(PROC.resolve("sys/kernel/random/boot_id")),
          link(PROC.resolve("self/ns/pid")));

  static WriterProcess current() {
    return CURRENT;
  }

  /** Whether this process could see it: same machine, not restarted, same container and user. */
  boolean isVisible() {
    return boot != null
        && namespace != null
        && started != null
        && boot.equals(CURRENT.boot)
        && namespace.equals(CURRENT.namespace)
        && Objects.equals(user, CURRENT.user);
  }

  /** Whether it is still alive; only for a visible process. */
  boolean isAlive() {
    return started.equals(start(pid));
  }

  /** The start time of a process; null if there is no process with that number, or it has ended. */
  private static String start(long pid) {
    String stat = read(PROC.resolve(pid + "/stat"));
    if (stat == null) {
      return null;
    }
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
    boolean ended = "ZX".contains(fields[STATE]);
    return ended ? null : fields[START_TIME];
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  private static String link(Path file) {
    try {
      return Files.readSymbolicLink(file).toString();
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }
}
