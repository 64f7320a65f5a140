package dev.realnvp.jobs.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
}
