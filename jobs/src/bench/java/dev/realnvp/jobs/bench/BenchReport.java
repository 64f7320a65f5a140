package dev.realnvp.jobs.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.model.Versions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a benchmark found.
 *
 * @param date ISO-8601 in UTC
 * @param machine {@link Machine#describe}
 * @param workload how much was done
 * @param images where they came from
 * @param peerRuns PyTorch's seconds by work, of each run; empty without it
 * @param figures in the order of the table
 * @param detection what each detector of anomalies found; empty if that was not measured
 */
@JsonPropertyOrder({"date", "machine", "workload", "images", "peer_runs", "figures", "detection"})
public record BenchReport(
    String date,
    Map<String, Object> machine,
    Map<String, Object> workload,
    String images,
    @JsonProperty("peer_runs") List<Map<String, Double>> peerRuns,
    List<Map<String, Object>> figures,
    List<DetectionTable.Line> detection) {

  private static final String ROW = "%-44s %10s %10s %8s %10s%n";

  String table() {
    StringBuilder table = new StringBuilder();
    table.append(String.format(Locale.ROOT, ROW, "name", "ours", "peer", "ratio", "target"));
    for (Map<String, Object> figure : figures) {
      table.append(
          String.format(
              Locale.ROOT,
              ROW,
              figure.get("name") + ", " + figure.get("unit"),
              number(figure.get("ours")),
              number(figure.get("peer")),
              number(figure.get("ratio")),
              figure.get("target")));
    }
    return table.toString();
  }

  private static String number(Object value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.2f", ((Number) value).doubleValue());
  }

  /** The machine and the software that the figures are of. */
  static final class Machine {

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

    /**
     * Processes that ran or waited for a core, a mean over the last minute; negative if unknown.
     */
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
}
