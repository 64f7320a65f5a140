package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.scores.Detection;
import dev.realnvp.spark.scores.Detections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {

  private static final Metrics METRICS = metrics(null);

  private static Metrics metrics(Detections against) {
    return new Metrics(
        0.1, 38.6, 40.8, 0.99, 0.98, null, 1e-5, 0.004, 0.021, 0.01, 0.0102, 0.018, against);
  }

  @Test
  void roundTrip() {
    assertThat(Metrics.fromJson(METRICS.toJson())).isEqualTo(METRICS);
    Metrics compared =
        metrics(new Detections("other/images", 10, 20, Map.of("a", new Detection(0.9, 0.3))));
    assertThat(Metrics.fromJson(compared.toJson())).isEqualTo(compared);
    assertThat(compared.values()).isEqualTo(METRICS.values()).hasSize(12);
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
