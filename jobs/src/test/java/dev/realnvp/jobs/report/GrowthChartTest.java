package dev.realnvp.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class GrowthChartTest {

  @Test
  void aLineHasItsNameAndFallsAsItsCostsGrow() throws Exception {
    SortedMap<Double, Double> line = new TreeMap<>(Map.of(1.0, 10.0, 8.0, 20.0, 64.0, 40.0));
    String svg = GrowthChart.svg("what it is", "workers", "seconds", Map.of("flow & co", line));
    Document picture = ReportPages.parse("<!DOCTYPE html>" + svg);
    assertThat(ReportPages.texts(picture, "//@aria-label")).containsExactly("what it is");
    assertThat(ReportPages.texts(picture, "//*[local-name() = 'text']"))
        .contains("workers", "seconds", "1", "64", "flow & co");
    String path =
        ReportPages.texts(picture, "//*[local-name() = 'path'][@class = 'series first']/@d").get(0);
    double[] at =
        List.of(path.replaceAll("[MLh]", " ").strip().split("\\s+")).stream()
            .mapToDouble(Double::parseDouble)
            .toArray();
    // x, y and a length of 0 for each point; y grows downwards.
    assertThat(at).hasSize(9);
    assertThat(at[3] - at[0]).isEqualTo(at[6] - at[3], within(0.2));
    assertThat(at[1] - at[4]).isEqualTo((at[4] - at[7]) / 2, within(0.2));
  }

  /** More workers may be better than one. */
  @Test
  void aCostBelowNothingIsOnTheChart() throws Exception {
    SortedMap<Double, Double> line = new TreeMap<>(Map.of(2.0, 0.04, 4.0, -0.06));
    String svg = GrowthChart.svg("what it is", "workers", "nats", Map.of("flow", line));
    Document picture = ReportPages.parse("<!DOCTYPE html>" + svg);
    List<String> texts = ReportPages.texts(picture, "//*[local-name() = 'text']");
    assertThat(texts).contains("0.00").anyMatch(text -> text.startsWith("-0.0"));
  }
}
