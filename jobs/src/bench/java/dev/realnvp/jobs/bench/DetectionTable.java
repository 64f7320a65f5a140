package dev.realnvp.jobs.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.realnvp.scores.Detection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** How well each detector finds the anomalies of each table, in each setting. */
final class DetectionTable {

  /**
   * How well a detector finds the anomalies of a table.
   *
   * @param auroc the area under the receiver operating characteristic, in percent
   * @param averagePrecision in percent
   */
  record Quality(
      @JsonProperty("auroc") double auroc,
      @JsonProperty("average_precision") double averagePrecision) {

    /** That of scores, which are greater for anomalies. */
    static Quality of(double[] normal, double[] anomalous) {
      Detection detection = Detection.of(normal, anomalous);
      return new Quality(100 * detection.auroc(), 100 * detection.averagePrecision());
    }

    /** The mean over seeds, or over tables. */
    static Quality mean(Collection<Quality> all) {
      return new Quality(mean(all, Quality::auroc), mean(all, Quality::averagePrecision));
    }

    private static double mean(Collection<Quality> all, ToDoubleFunction<Quality> figure) {
      return all.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.1f / %.1f", auroc, averagePrecision);
    }
  }

  /**
   * What was found of a detector in a setting.
   *
   * @param setting unsupervised or one-class
   * @param detector its name
   * @param tables by name
   * @param mean over the tables
   * @param rankByAuroc its rank among the detectors, 1 is the best; the mean over the tables
   * @param rankByAveragePrecision the same by average precision
   */
  record Line(
      @JsonProperty("setting") String setting,
      @JsonProperty("detector") String detector,
      @JsonProperty("tables") Map<String, Quality> tables,
      @JsonProperty("mean") Quality mean,
      @JsonProperty("rank_by_auroc") double rankByAuroc,
      @JsonProperty("rank_by_average_precision") double rankByAveragePrecision) {}

  /** By setting, table and detector. */
  private final Map<String, Map<String, Map<String, Quality>>> found = new LinkedHashMap<>();

  void put(String setting, String table, Map<String, Quality> detectors) {
    found.computeIfAbsent(setting, some -> new LinkedHashMap<>()).put(table, detectors);
  }

  List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    found.forEach(
        (setting, tables) ->
            tables.values().iterator().next().keySet().stream()
                .map(detector -> line(setting, detector, tables))
                .forEach(lines::add));
    return lines;
  }

  private static Line line(
      String setting, String detector, Map<String, Map<String, Quality>> tables) {
    Map<String, Quality> own = new LinkedHashMap<>();
    tables.forEach((table, detectors) -> own.put(table, detectors.get(detector)));
    return new Line(
        setting,
        detector,
        own,
        Quality.mean(own.values()),
        rank(detector, tables, Quality::auroc),
        rank(detector, tables, Quality::averagePrecision));
  }

  /** The mean over the tables of one more than there are better detectors; equal ones share. */
  private static double rank(
      String detector, Map<String, Map<String, Quality>> tables, ToDoubleFunction<Quality> figure) {
    return tables.values().stream()
        .mapToDouble(
            detectors -> {
              double own = figure.applyAsDouble(detectors.get(detector));
              // Of those that are equal, one is itself.
              return 0.5
                  + detectors.values().stream()
                      .mapToDouble(figure)
                      .map(other -> other > own ? 1 : other == own ? 0.5 : 0)
                      .sum();
            })
        .average()
        .orElseThrow();
  }

  /** A table for each setting, in Markdown; empty if nothing was found. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    String setting = "";
    for (Line line : lines()) {
      Map<String, Quality> tables = line.tables();
      if (!line.setting().equals(setting)) {
        setting = line.setting();
        row(text, setting, tables.keySet(), "mean", "mean rank");
        row(text, "---", Collections.nCopies(tables.size(), "---"), "---", "---");
      }
      String rank =
          String.format(
              Locale.ROOT, "%.1f / %.1f", line.rankByAuroc(), line.rankByAveragePrecision());
      row(text, line.detector(), tables.values(), line.mean(), rank);
    }
    return text.toString();
  }

  private static void row(
      StringBuilder text, String first, Collection<?> cells, Object mean, String rank) {
    text.append(String.format(Locale.ROOT, "| %-35s |", first));
    cells.forEach(cell -> text.append(' ').append(cell).append(" |"));
    text.append(' ').append(mean).append(" | ").append(rank).append(" |\n");
  }
}
