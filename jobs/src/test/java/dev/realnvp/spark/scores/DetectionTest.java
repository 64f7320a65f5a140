package dev.realnvp.spark.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DetectionTest {

  private static double[] doubles(List<Integer> values) {
    return values.stream().mapToDouble(Integer::doubleValue).toArray();
  }

  @Property(tries = 300)
  void isThatOfAllPairsAndAllThresholds(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = -9, max = 9) Integer> normal,
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = -5, max = 13) Integer> anomalous) {
    double wins = 0;
    for (int anomaly : anomalous) {
      for (int row : normal) {
        wins += anomaly > row ? 1 : anomaly == row ? 0.5 : 0;
      }
    }
    double least = 1;
    double area = 0;
    long before = 0;
    for (int threshold = 14; threshold >= -10; threshold--) {
      int t = threshold;
      long detected = anomalous.stream().filter(s -> s >= t).count();
      if (detected >= 0.95 * anomalous.size()) {
        least = Math.min(least, share(normal, t));
      }
      if (detected > before) {
        double alarms = detected + normal.stream().filter(s -> s >= t).count();
        area += (double) (detected - before) / anomalous.size() * (detected / alarms);
        before = detected;
      }
    }

    Detection detection = Detection.of(doubles(normal), doubles(anomalous));

    assertThat(detection.auroc())
        .isCloseTo(wins / (normal.size() * anomalous.size()), within(1e-12));
    assertThat(detection.falseAlarmRate()).isCloseTo(least, within(1e-12));
    assertThat(Detection.averagePrecision(doubles(normal), doubles(anomalous)))
        .isCloseTo(area, within(1e-12));
  }

  private static double share(List<Integer> rows, int atLeast) {
    return rows.stream().filter(s -> s >= atLeast).count() / (double) rows.size();
  }

  @Test
  void infiniteScoresCountAsGreatest() {
    double[] normal = {0, 1, 2, Double.POSITIVE_INFINITY};
    double[] anomalous = new double[20];
    Arrays.fill(anomalous, Double.POSITIVE_INFINITY);
    assertThat(Detection.of(normal, anomalous)).isEqualTo(new Detection(0.875, 0.25));
    assertThat(Detection.averagePrecision(normal, anomalous)).isCloseTo(20 / 21.0, within(1e-12));
  }
}
