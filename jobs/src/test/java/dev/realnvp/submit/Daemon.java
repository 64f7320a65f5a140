package dev.realnvp.submit;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A master or worker of Spark in a process of its own, which closing kills. */
final class Daemon implements AutoCloseable {
  private final Process process;
  private final CompletableFuture<MatchResult> found = new CompletableFuture<>();

  /**
   * Starts it.
   *
   * @param awaited what its log says once it is where the test wants it
   */
  Daemon(Map<String, String> environment, String awaited, String... arguments) throws IOException {
    Path home = Checkout.original();
    List<String> command = new ArrayList<>(List.of(home.resolve("submit/spark-class").toString()));
    command.addAll(List.of(arguments));
    process = ScriptRun.process(home, environment, command).redirectErrorStream(true).start();
    Thread reader = new Thread(() -> read(Pattern.compile(awaited)), "log of " + arguments[0]);
    reader.setDaemon(true);
    reader.start();
  }

  static Map<String, String> configuration(Path folder) {
    return Map.of("SPARK_CONF_DIR", folder.toString());
  }

  private void read(Pattern awaited) {
    try (BufferedReader log = process.inputReader()) {
      for (String line = log.readLine(); line != null; line = log.readLine()) {
        Matcher matcher = awaited.matcher(line);
        if (matcher.find()) {
          found.complete(matcher.toMatchResult());
        }
      }
      found.completeExceptionally(new IllegalStateException("Ended without '" + awaited + "'"));
    } catch (IOException e) {
      found.completeExceptionally(e);
    }
  }

  /** Waits for the line. */
  MatchResult await() throws Exception {
    return found.get(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
