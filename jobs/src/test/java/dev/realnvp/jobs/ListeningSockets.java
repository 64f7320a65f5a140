package dev.realnvp.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * Starts a Spark session, and prints at which addresses this process and its children listen, as
 * Linux has them in /proc/net: {@code 0100007F:1F90}.
 */
public final class ListeningSockets {

  private static final String LISTENING = "0A";

  private ListeningSockets() {}

  public static void main(String[] args) throws IOException {
    try (SparkSession spark = SparkSession.builder().getOrCreate()) {
      // A task, so that there is an executor by then.
      spark.range(1).collectAsList();
      Set<String> own =
          Stream.concat(Stream.of(ProcessHandle.current()), ProcessHandle.current().descendants())
              .flatMap(process -> sockets(process.pid()).stream())
              .collect(Collectors.toSet());
      for (String table : List.of("tcp", "tcp6")) {
        for (String line : Files.readAllLines(Path.of("/proc/net", table))) {
          String[] columns = line.strip().split("\\s+");
          if (columns[3].equals(LISTENING) && own.contains(columns[9])) {
            System.out.println("listens at " + columns[1]);
          }
        }
      }
      System.out.println("user interface at " + spark.sparkContext().uiWebUrl().get());
    }
  }

  /** The inodes of a process's open sockets. */
  private static Set<String> sockets(long pid) {
    Set<String> inodes = new TreeSet<>();
    try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path file : files.toList()) {
        String target = Files.isSymbolicLink(file) ? Files.readSymbolicLink(file).toString() : "";
        if (target.startsWith("socket:[")) {
          inodes.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
      return inodes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
