package dev.realnvp.jobs.dataset;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Runs system programs. */
@FunctionalInterface
public interface CommandRunner {
  /**
   * The result of a program.
   *
   * @param exitCode 0 for success
   * @param output its output, including errors
   */
  record Outcome(int exitCode, String output) {}

  /**
   * Runs a program to its end.
   *
   * @param command the program and its arguments, which no shell interprets
   * @param folder its working directory
   * @param limit the time after which it is stopped
   * @throws IOException if the program does not exist, or did not end in time
   */
  Outcome run(List<String> command, Path folder, Duration limit) throws IOException;
}
