package dev.realnvp.jobs.bench;

import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.model.Versions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The machine and the software that the figures are of. */
final class Machine {

  private Machine() {}

  /** By the names that the JSON file has. */
  static Map<String, Object> describe(String sparkVersion, String master) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("cpu", line("/proc/cpuinfo", "model name"));
    facts.put("cores", Runtime.getRuntime().availableProcessors());
    facts.put("memory", line("/proc/meminfo", "MemTotal"));
    facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("load_average", load());
    facts.put("spark", sparkVersion);
    facts.put("master", master);
    facts.putAll(Versions.collect());
    facts.put("openblas_coretype", Gemm.kernels());
    return facts;
  }

  /** Processes that ran or waited for a core, a mean over the last minute; negative if unknown. */
  static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  /** The value behind the first such key of a file of Linux's. */
  private static String line(String file, String key) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException | UncheckedIOException e) {
      return "unknown";
    }
  }
}
