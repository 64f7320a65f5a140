package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Without a terminal nobody watches, whichever Java of this machine it is. */
class InteractiveTest {

  /** What the other Java runs. */
  public static final class Probe {
    private Probe() {}

    /** Prints whether it is interactive. */
    public static void main(String[] args) {
      System.out.println(Console.interactive());
    }
  }

  static List<Path> javas() throws IOException {
    Path own = Path.of(System.getProperty("java.home"));
    Path others = Path.of("/usr/lib/jvm");
    try (Stream<Path> homes =
        Stream.concat(
            Stream.of(own), Files.isDirectory(others) ? Files.list(others) : Stream.of())) {
      return homes
          .map(home -> home.resolve("bin/java"))
          .filter(Files::isExecutable)
          .filter(java -> release(java).matches("(?s).*JAVA_VERSION=\"(1[7-9]|[2-9]\\d)\\b.*"))
          .toList();
    }
  }

  private static String release(Path java) {
    try {
      return Files.readString(java.resolveSibling("../release").toRealPath());
    } catch (IOException e) {
      return "";
    }
  }

  @ParameterizedTest
  @MethodSource("javas")
  void nobodyWatchesAPipe(Path java) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            java.toString(),
            // Java's default from 22 to 24.
            "-Djdk.console=jdk.internal.le",
            "-cp",
            System.getProperty("java.class.path"),
            Probe.class.getName());
    builder.environment().put("TERM", "xterm");
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    process.getOutputStream().close();
    try (var out = process.inputReader()) {
      assertThat(out.readLine()).isEqualTo("false");
    }
  }
}
