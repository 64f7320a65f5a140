package dev.realnvp.spark.data;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Runs programs of the system. */
@FunctionalInterface
public interface CommandRunner {
  /**
   * How a program ended.
   *
   * @param exitCode 0 for success
   * @param output what it printed, errors included
   */
  record Outcome(int exitCode, String output) {}

  /**
   * Runs a program to its end.
   *
   * @param command the program and its arguments, each as it is: no shell reads them
   * @param folder where to run it
   * @param limit it is stopped after this long
   * @throws IOException if there is no such program, or it did not end in time
   */
  Outcome run(List<String> command, Path folder, Duration limit) throws IOException;
}
