package dev.realnvp.jobs.bench;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs the project's scripts as a user does, and watches their executors. */
record ScriptProcess(Path home) {

  private static final int POLL_MILLISECONDS = 50;
  private static final String EXECUTOR = "CoarseGrainedExecutorBackend";
  private static final String PEAK = "VmHWM:";
  private static final String COMPILER = "CompilerThre";

  /** Of Linux's processor times, a second. */
  private static final double TICKS = 100;

  /** The place of a thread's time in user mode after its name; that in the kernel follows. */
  private static final int USER = 11;

  /**
   * What a script did.
   *
   * @param seconds from its start to its end
   * @param output what it printed
   * @param executorPeaks the greatest resident size of each executor process, in bytes
   * @param driverCpuSeconds the processor time of the driver's process when it printed each epoch,
   *     without that of its compilers
   * @param driverPeak the greatest resident size of the driver's process, in bytes
   * @param diskPeak how many bytes less the disk of the temporary files had, at most, than before;
   *     whoever else writes to it counts too
   */
  record Outcome(
      double seconds,
      String output,
      List<Long> executorPeaks,
      List<Double> driverCpuSeconds,
      long driverPeak,
      long diskPeak) {}

  /**
   * Runs {@code submit/NAME} to its end.
   *
   * @throws IOException if it fails
   */
  Outcome run(String name, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(home.resolve("submit").resolve(name).toString()));
    command.addAll(arguments);
    Path output = Files.createTempFile("bench", ".log");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
      leaveOut(builder.environment());
      long start = System.nanoTime();
      Process process = builder.start();
      try {
        process.getOutputStream().close();
        Map<Long, Long> peaks = new TreeMap<>();
        FileStore disk = Files.getFileStore(output);
        long free = disk.getUnallocatedSpace();
        List<Double> driverCpu = new ArrayList<>();
        long driverPeak = 0;
        long diskPeak = 0;
        while (!process.waitFor(POLL_MILLISECONDS, TimeUnit.MILLISECONDS)) {
          watch(process, peaks);
          if (epochs(output) > driverCpu.size()) {
            driverCpu.add(cpuSeconds(process));
          }
          driverPeak = Math.max(driverPeak, peak(process.pid()));
          diskPeak = Math.max(diskPeak, free - disk.getUnallocatedSpace());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        String text = Files.readString(output);
        if (process.exitValue() != 0) {
          throw new IOException(
              "%s ended with code %d: %s".formatted(name, process.exitValue(), text.strip()));
        }
        return new Outcome(
            seconds, text, List.copyOf(peaks.values()), driverCpu, driverPeak, diskPeak);
      } finally {
        process.destroy();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(name + " was interrupted");
    } finally {
      Files.delete(output);
    }
  }

  /** What this process's own scripts set for it alone. */
  private void leaveOut(Map<String, String> environment) {
    environment.remove("REALNVP_LOG_FILE");
    String spark = environment.get("SPARK_HOME");
    if (spark != null && Path.of(spark).startsWith(home.resolve("target/spark"))) {
      environment.remove("SPARK_HOME");
    }
  }

  /** A process's peak only grows, so the last look before its end has it. */
  private static void watch(Process process, Map<Long, Long> peaks) {
    process
        .descendants()
        .filter(child -> child.info().commandLine().orElse("").contains(EXECUTOR))
        .forEach(
            child -> {
              long bytes = peak(child.pid());
              if (bytes > 0) {
                peaks.put(child.pid(), bytes);
              }
            });
  }

  private static long epochs(Path output) throws IOException {
    try (Stream<String> lines = Files.lines(output)) {
      return lines.filter(line -> line.strip().startsWith("epoch ")).count();
    }
  }

  /**
   * The processor time of a process so far; by Linux less that of its compilers, whose work ends.
   */
  private static double cpuSeconds(Process process) {
    double seconds = process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      return seconds - threads.mapToLong(ScriptProcess::compilerTicks).sum() / TICKS;
    } catch (IOException | UncheckedIOException e) {
      return seconds;
    }
  }

  /** The processor time of a thread if it is a compiler's, by Linux; else 0. */
  private static long compilerTicks(Path thread) {
    try {
      String[] nameAndFigures = Files.readString(thread.resolve("stat")).split("[()]");
      String[] figures = nameAndFigures[2].strip().split(" ");
      return nameAndFigures[1].contains(COMPILER)
          ? Long.parseLong(figures[USER]) + Long.parseLong(figures[USER + 1])
          : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  /** The greatest resident size of a process so far, by Linux; 0 if it is gone. */
  private static long peak(long pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith(PEAK))
          .map(line -> line.substring(PEAK.length()).strip().split(" ")[0])
          .mapToLong(kibibytes -> 1024 * Long.parseLong(kibibytes))
          .findFirst()
          .orElse(0);
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }
}
