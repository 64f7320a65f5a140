package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTest {

  private static final Metrics METRICS =
      new Metrics(0.1, 38.6, 40.8, 0.99, 0.98, null, 1e-5, 0.004, 0.021, 0.01, 0.0102, 0.018);

  @Test
  void roundTrip() {
    assertThat(Metrics.fromJson(METRICS.toJson())).isEqualTo(METRICS);
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
            json.replace("\"test_nll\"", "\"test\""))) {
      assertThatThrownBy(() -> Metrics.fromJson(broken))
          .as(broken)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no metrics: ");
    }
  }
}
