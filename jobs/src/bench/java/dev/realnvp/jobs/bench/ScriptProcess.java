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

/** Runs the project's scripts as a user does, and watches their processes by Linux's /proc. */
final class ScriptProcess {

  private static final int POLL_MILLISECONDS = 50;
  private static final String EXECUTOR = "CoarseGrainedExecutorBackend";
  private static final String COMPILER = "CompilerThre";

  /** Of Linux's processor times, a second. */
  private static final double TICKS = 100;

  /** The place of a thread's time in user mode after its name; that in the kernel follows. */
  private static final int USER = 11;

  private ScriptProcess() {}

  /**
   * What a script did.
   *
   * @param seconds from its start to its end
   * @param output what it printed
   * @param executorPeaks the greatest resident size of each executor process, in bytes
   * @param driverCpuSeconds the processor time of the driver's process when it printed each epoch,
   *     without that of its compilers, whose work ends
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
   * @param home the project's folder
   * @throws IOException if it fails
   */
  static Outcome run(Path home, String name, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("submit").resolve(name).toString());
    command.addAll(arguments);
    Path output = Files.createTempFile("bench", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    // What this process's own scripts set for it alone.
    builder.environment().remove("REALNVP_LOG_FILE");
    if (builder.environment().getOrDefault("SPARK_HOME", "").startsWith(home + "/target/spark")) {
      builder.environment().remove("SPARK_HOME");
    }
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
      // A process's peak only grows, so the last look before its end has it.
      while (!process.waitFor(POLL_MILLISECONDS, TimeUnit.MILLISECONDS)) {
        process
            .descendants()
            .filter(child -> child.info().commandLine().orElse("").contains(EXECUTOR))
            .forEach(child -> peaks.merge(child.pid(), peak(child.pid()), Math::max));
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
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(name + " was interrupted");
    } finally {
      process.destroy();
      Files.delete(output);
    }
  }

  private static long epochs(Path output) throws IOException {
    try (Stream<String> lines = Files.lines(output)) {
      return lines.filter(line -> line.strip().startsWith("epoch ")).count();
    }
  }

  private static double cpuSeconds(Process process) {
    double seconds = process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      return seconds - threads.mapToLong(ScriptProcess::compilerTicks).sum() / TICKS;
    } catch (IOException | UncheckedIOException e) {
      return seconds;
    }
  }

  /** The processor time of a thread if it is a compiler's, else 0. */
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

  /** The greatest resident size of a process so far, in bytes; 0 if it is gone. */
  private static long peak(long pid) {
    String kibibytes = Machine.line("/proc/" + pid + "/status", "VmHWM").replace(" kB", "");
    return kibibytes.matches("\\d+") ? 1024 * Long.parseLong(kibibytes) : 0;
  }
}
