package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractStringAssert;

/**
 * What a script did.
 *
 * @param code its exit code
 * @param out its standard output, line by line
 * @param err its standard error
 */
record ScriptRun(int code, List<String> out, String err) {
  /** What decides about a script's course, so that this process's own value must not reach it. */
  private static final List<String> CLEARED =
      List.of(
          "OPENBLAS_CORETYPE",
          "OMP_NUM_THREADS",
          "SPARK_HOME",
          "SPARK_CONF_DIR",
          "SPARK_ENV_LOADED",
          "SPARK_LOCAL_IP",
          "REALNVP_LOG_FILE");

  private static final Path JAVA_HOME = javaHome();

  /**
   * A Java home whose {@code java} is this process's, with the options that the build gives tests.
   * In an environment variable they would be announced on standard error.
   */
  private static Path javaHome() {
    try {
      Path home = Files.createTempDirectory("java-home");
      Path java =
          Checkout.executable(
              home.resolve("bin/java"),
              "#!/bin/sh\nexec '%s/bin/java' %s \"$@\"\n"
                  .formatted(
                      System.getProperty("java.home"),
                      System.getProperty("realnvp.java.options", "")));
      for (Path path : List.of(home, java.getParent(), java)) {
        path.toFile().deleteOnExit();
      }
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Words out of words, arrays and lists of words. */
  static List<String> words(Object... parts) {
    List<String> words = new ArrayList<>();
    for (Object part : parts) {
      if (part instanceof Object[] several) {
        words.addAll(words(several));
      } else if (part instanceof Collection<?> several) {
        words.addAll(words(several.toArray()));
      } else {
        words.add(part.toString());
      }
    }
    return words;
  }

  /** An option before each of the values. */
  static List<String> each(String option, String... values) {
    return Stream.of(values).flatMap(value -> Stream.of(option, value)).toList();
  }

  /** A command of a script of the real checkout. */
  static List<String> command(String script, Object... words) {
    return words(Checkout.original().resolve("submit").resolve(script), words);
  }

  /** Runs a script of the real checkout to its end. */
  static ScriptRun job(Path folder, String script, Object... words) {
    return of(folder, Map.of(), command(script, words));
  }

  /** This one, which has not failed. */
  ScriptRun done() {
    assertThat(code).as(() -> String.join("\n", out) + err).isZero();
    return this;
  }

  /** The one line of the error of a run that has failed. */
  AbstractStringAssert<?> failed(int expected) {
    assertThat(code).as(err).isEqualTo(expected);
    assertThat(err).hasLineCount(1);
    return assertThat(err);
  }

  /** The kernels of this process, for results that are compared with its own bit for bit. */
  static Map<String, String> kernels() {
    String name = "OPENBLAS_CORETYPE";
    String chosen = System.getenv(name);
    return chosen == null ? Map.of() : Map.of(name, chosen);
  }

  static ScriptRun of(Path folder, Map<String, String> environment, List<String> command) {
    try {
      Path out = Files.createTempFile("script", ".out");
      Path err = Files.createTempFile("script", ".err");
      ProcessBuilder builder = process(folder, environment, command);
      builder.redirectOutput(out.toFile()).redirectError(err.toFile());
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(300, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("Still running after 300 s: " + command);
      }
      return new ScriptRun(process.exitValue(), lines(out), String.join("\n", lines(err)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Not started yet, for a test that does not wait for its end. */
  static ProcessBuilder process(
      Path folder, Map<String, String> environment, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
    CLEARED.forEach(builder.environment()::remove);
    if (Path.of(command.get(0)).startsWith(Checkout.original())) {
      // There may be builds for both Sparks.
      Path spark = Checkout.original().resolve(Checkout.SPARK);
      builder.environment().put("SPARK_HOME", spark.toString());
    }
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("JAVA_HOME", JAVA_HOME.toString());
    builder.environment().putAll(environment);
    return builder.directory(folder.toFile());
  }

  private static List<String> lines(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    Files.delete(file);
    return lines;
  }
}
