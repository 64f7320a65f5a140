package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** At which addresses the processes of a job listen, as Linux has them in /proc/net. */
@Tag("nightly")
class LoopbackIT {

  private final SparkSession spark = LocalSpark.session();

  private static final String LISTENING = "0A";

  /** 127.0.0.1, as IPv4 and as IPv6 write it in /proc/net. */
  private static final String LOOPBACK = "(0000000000000000FFFF0000)?0100007F:[0-9A-F]{4}";

  @TempDir Path temp;

  @Test
  @EnabledOnOs(OS.LINUX)
  void driverMasterWorkerAndExecutorListenOnThisMachineAlone() throws Exception {
    SmallTable.write(spark, temp.resolve("table"));
    List<String> command =
        ScriptRun.command(
            "train-flow.sh",
            List.of("--master", "local-cluster[1,1,2048]", "--input", "table", "--run", "run"),
            ScriptRun.each("--conf", "spark.ui.enabled=true", "spark.ui.port=0"),
            SmallTable.SMALL_FLOW,
            List.of("--set", "flow.epochs=100000"));
    Process training =
        ScriptRun.process(temp, Map.of(), command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines = training.inputReader()) {
      assertThat(lines.lines().anyMatch(line -> line.contains("epoch 2/"))).isTrue();
      assertThat(addresses(training.toHandle()))
          .hasSizeGreaterThan(5)
          .allMatch(address -> address.matches(LOOPBACK));
    } finally {
      training.descendants().forEach(ProcessHandle::destroyForcibly);
      training.destroyForcibly().onExit().join();
    }
  }

  private static List<String> addresses(ProcessHandle process) throws IOException {
    Set<String> own =
        Stream.concat(Stream.of(process), process.descendants())
            .flatMap(LoopbackIT::sockets)
            .collect(Collectors.toSet());
    List<String> addresses = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/net", table))) {
        String[] columns = line.strip().split("\\s+");
        if (columns[3].equals(LISTENING) && own.contains("socket:[" + columns[9] + "]")) {
          addresses.add(columns[1]);
        }
      }
    }
    return addresses;
  }

  private static Stream<String> sockets(ProcessHandle process) {
    try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      List<String> open = new ArrayList<>();
      for (Path file : files.toList()) {
        open.add(Files.isSymbolicLink(file) ? Files.readSymbolicLink(file).toString() : "");
      }
      return open.stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
