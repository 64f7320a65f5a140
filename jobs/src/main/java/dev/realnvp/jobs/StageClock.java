package dev.realnvp.jobs;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How long each stage of a pipeline took, and the line of output that says so. */
public final class StageClock {

  private static final String PREFIX = "seconds: ";

  private final Map<String, Double> seconds = new LinkedHashMap<>();

  /** A stage's work. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException;
  }

  /** Does the work, and counts its wall time for the stage. */
  void time(String stage, Work work) throws IOException {
    long start = System.nanoTime();
    work.run();
    seconds.put(stage, (System.nanoTime() - start) / 1e9);
  }

  /** {@code seconds: ingest 4.17, train-ae 61.02}, the stages in the order of their ends. */
  String line() {
    return seconds.entrySet().stream()
        .map(stage -> String.format(Locale.ROOT, "%s %.2f", stage.getKey(), stage.getValue()))
        .collect(Collectors.joining(", ", PREFIX, ""));
  }

  /**
   * Finds the line of {@link #line} in a pipeline's output.
   *
   * @return seconds by stage
   * @throws IllegalArgumentException if there is none
   */
  public static Map<String, Double> read(String output) {
    String line =
        output
            .lines()
            .map(String::strip)
            .filter(candidate -> candidate.startsWith(PREFIX))
            .reduce((first, last) -> last)
            .orElseThrow(
                () -> new IllegalArgumentException("output: expected a line '" + PREFIX + "...'"));
    Map<String, Double> seconds = new LinkedHashMap<>();
    for (String stage : line.substring(PREFIX.length()).split(", ")) {
      String[] words = stage.split(" ");
      seconds.put(words[0], Double.parseDouble(words[1]));
    }
    return seconds;
  }
}
