package dev.realnvp.jobs.dataset;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs system programs. */
@FunctionalInterface
public interface CommandRunner {

  /** Runs them as child processes. */
  CommandRunner SYSTEM = CommandRunner::runHere;

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

  private static Outcome runHere(List<String> command, Path folder, Duration limit)
      throws IOException {
    // Through a file, because a full pipe would stop the program.
    Path output = Files.createTempFile("command", ".log");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("LC_ALL", "C");
      Process process = start(builder);
      try {
        process.getOutputStream().close();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new IOException(command.get(0) + " did not end within " + limit.toMillis() + " ms");
        }
        return new Outcome(process.exitValue(), Files.readString(output));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException(command.get(0) + " was interrupted");
      } finally {
        process.destroyForcibly();
      }
    } finally {
      Files.delete(output);
    }
  }

  private static Process start(ProcessBuilder builder) throws IOException {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IOException("cannot run " + builder.command().get(0) + ": is it installed?", e);
    }
  }
}
