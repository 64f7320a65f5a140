package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.scores.DensityGain;
import dev.realnvp.scores.Detection;
import dev.realnvp.scores.Detections;
import dev.realnvp.spark.summary.ClassFigures;
import dev.realnvp.spark.summary.PosteriorQuality;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {

  private static final Metrics METRICS = metrics(0.1, 0.99, null);

  private static final List<List<Double>> CURVE =
      List.of(List.of(0.0, 0.0), List.of(0.25, 0.75), List.of(1.0, 1.0));

  private static Metrics metrics(Double bce, Double accuracy, Detections against) {
    return new Metrics(
        bce,
        38.6,
        40.8,
        accuracy,
        bce == null ? null : 0.98,
        null,
        1e-5,
        0.004,
        0.021,
        0.01,
        0.0102,
        0.018,
        against,
        "test",
        1000L,
        Map.of("gaussian", new DensityGain(1000, 44.5, 3.7, 0.1, 3.5, 0.9, 2L, 1L)),
        List.of(new ClassFigures(0, "cat", 600, 38.5, 0.01, 0.98)),
        List.of(new PosteriorQuality.Bin(1000, 0.97, 0.96)),
        null);
  }

  @Test
  void roundTrip() {
    assertThat(Metrics.fromJson(METRICS.toJson())).isEqualTo(METRICS);
    Metrics compared =
        metrics(
            0.1,
            0.99,
            new Detections(
                "other/images",
                null,
                10,
                20,
                0.01,
                0.9,
                Map.of("a", new Detection(0.9, 0.3, 0.01, 0.8, 0.02, CURVE)),
                Map.of("a", new Detections.Difference(0.1, 0.02))));
    assertThat(Metrics.fromJson(compared.toJson())).isEqualTo(compared);
    assertThat(compared.values()).isEqualTo(METRICS.values()).hasSize(12);
    Metrics ofTable = metrics(null, null, null);
    assertThat(Metrics.fromJson(ofTable.toJson())).isEqualTo(ofTable);
    assertThat(ofTable.values()).hasSize(12).containsEntry("test_bce", null);
  }

  @Test
  void refusesWhatIsNotAllOfThem() {
    String json = METRICS.toJson();
    for (String broken :
        List.of(
            "",
            "[]",
            "{}",
            json.substring(0, 60),
            json + "}",
            json.replace("0.98", "null"),
            json.replace("\"test_nll\"", "\"test\""),
            json.replace("\"against\" : null", "\"against\" : {}"),
            json.replace("\"against\" : null", "\"against\" : 0.5"))) {
      assertThatThrownBy(() -> Metrics.fromJson(broken))
          .as(broken)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no metrics: ");
    }
  }
}
