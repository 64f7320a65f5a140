package dev.realnvp.submit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A copy of {@code submit/} and {@code conf/} in a folder of a test's choice, with a jar that is
 * none, and a Spark home whose spark-submit prints its arguments and environment instead of running
 * them.
 */
final class Checkout {
  /** Where the build that is tested puts the jobs' jar and its Spark, in the real checkout. */
  static final Path JAR = Path.of(System.getProperty("realnvp.jar", ""));

  static final Path SPARK = Path.of(System.getProperty("realnvp.spark", ""));

  private static final String FAKE_SPARK_SUBMIT =
      """
      #!/usr/bin/env bash
      for word in "$@"; do
        printf 'ARG:%s\\n' "$word"
      done
      echo "CONF:$SPARK_CONF_DIR"
      echo "ADDRESS:${SPARK_LOCAL_IP-unset}"
      echo "LOG:$REALNVP_LOG_FILE"
      exit "${FAKE_EXIT:-0}"
      """;

  private final Path home;
  private final Path spark;
  private final Map<String, String> environment = new HashMap<>();

  private Checkout(Path home, Path spark) {
    this.home = home;
    this.spark = spark;
  }

  /** The real one, which the build has put together. */
  static Path original() {
    String home = System.getProperty("realnvp.home");
    if (home == null) {
      throw new IllegalStateException("realnvp.home is not set: run by Maven's failsafe plugin");
    }
    return Path.of(home).toAbsolutePath().normalize();
  }

  static Checkout in(Path home) throws IOException {
    for (String folder : List.of("submit", "conf")) {
      copy(original().resolve(folder), home.resolve(folder));
    }
    Path jar = home.resolve("jobs/target/realnvp-spark.jar");
    Files.createDirectories(jar.getParent());
    Files.writeString(jar, "no jar");
    Path spark = home.resolveSibling("spark home");
    executable(spark.resolve("bin/spark-submit"), FAKE_SPARK_SUBMIT);
    Checkout checkout = new Checkout(home, spark);
    checkout.with("SPARK_HOME", spark.toString());
    return checkout;
  }

  /** The same with the jar and the embedded Spark that the build made, as links. */
  Checkout built() throws IOException {
    Files.deleteIfExists(jar());
    Files.createDirectories(home.resolve(JAR).getParent());
    Files.createSymbolicLink(home.resolve(JAR), original().resolve(JAR));
    Path embedded = Files.createDirectories(home.resolve(SPARK));
    for (String name : List.of("jars", "RELEASE")) {
      Files.createSymbolicLink(embedded.resolve(name), original().resolve(SPARK).resolve(name));
    }
    return with("SPARK_HOME", embedded.toString());
  }

  Path home() {
    return home;
  }

  Path spark() {
    return spark;
  }

  Path jar() {
    return home.resolve("jobs/target/realnvp-spark.jar");
  }

  Path submit(String script) {
    return home.resolve("submit").resolve(script);
  }

  Checkout with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  ScriptRun run(Path script, String... arguments) {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    return ScriptRun.of(home.getParent(), environment, command);
  }

  /** The words that the fake spark-submit got. */
  static List<String> arguments(ScriptRun run) {
    return run.out().stream()
        .filter(line -> line.startsWith("ARG:"))
        .map(line -> line.substring("ARG:".length()))
        .toList();
  }

  static Path executable(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    if (!file.toFile().setExecutable(true)) {
      throw new IOException("Cannot make executable: " + file);
    }
    return file;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(
            file, to.resolve(file.getFileName().toString()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
