package dev.realnvp.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.jobs.bench.DetectionTable.Line;
import dev.realnvp.jobs.bench.DetectionTable.Quality;
import dev.realnvp.model.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DetectionTableTest {

  private static Map<String, Quality> detectors(Quality a, Quality b, Quality c) {
    Map<String, Quality> detectors = new LinkedHashMap<>();
    detectors.put("a", a);
    detectors.put("b", b);
    detectors.put("c", c);
    return detectors;
  }

  private static DetectionTable table() {
    DetectionTable table = new DetectionTable();
    table.put(
        "one-class", "x", detectors(new Quality(90, 10), new Quality(80, 30), new Quality(70, 20)));
    table.put(
        "one-class", "y", detectors(new Quality(60, 50), new Quality(60, 60), new Quality(95, 70)));
    return table;
  }

  @Test
  void meansAndRanksAreOverTheTables() {
    List<Line> lines = table().lines();
    assertThat(lines).extracting(Line::detector).containsExactly("a", "b", "c");
    assertThat(lines)
        .extracting(Line::mean)
        .containsExactly(new Quality(75, 30), new Quality(70, 45), new Quality(82.5, 45));
    // The two of 60 share the second and the third place.
    assertThat(lines).extracting(Line::rankByAuroc).containsExactly(1.75, 2.25, 2.0);
    assertThat(lines).extracting(Line::rankByAveragePrecision).containsExactly(3.0, 1.5, 1.5);
  }

  @Test
  void itIsWrittenAsMarkdownAndAsJson() {
    assertThat(table().toString().lines().map(line -> line.replaceAll(" +", " ")))
        .containsExactly(
            "| one-class | x | y | mean | mean rank |",
            "| --- | --- | --- | --- | --- |",
            "| a | 90.0 / 10.0 | 60.0 / 50.0 | 75.0 / 30.0 | 1.8 / 3.0 |",
            "| b | 80.0 / 30.0 | 60.0 / 60.0 | 70.0 / 45.0 | 2.3 / 1.5 |",
            "| c | 70.0 / 20.0 | 95.0 / 70.0 | 82.5 / 45.0 | 2.0 / 1.5 |");
    assertThat(Json.tree(table().lines()).at("/1/tables/y/average_precision").asDouble())
        .isEqualTo(60);
    assertThat(new DetectionTable().toString()).isEmpty();
  }

  @Test
  void qualityIsInPercent() {
    assertThat(Quality.of(new double[] {0, 1, 2}, new double[] {1, 3}))
        .isEqualTo(new Quality(75, 75));
  }
}
