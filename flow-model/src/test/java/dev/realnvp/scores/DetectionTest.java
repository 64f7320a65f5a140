package dev.realnvp.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.commons.math3.stat.StatUtils;
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
    assertThat(detection.averagePrecision()).isCloseTo(area, within(1e-12));
    // The area below the corners of the curve. One is left out if it is at most 2 / 98 from the
    // last
    // one; beside a step as wide as the chart that is worth half as much.
    double below = 0;
    for (int i = 1; i < detection.curve().size(); i++) {
      List<Double> from = detection.curve().get(i - 1);
      List<Double> to = detection.curve().get(i);
      below += (to.get(0) - from.get(0)) * (to.get(1) + from.get(1)) / 2;
    }
    assertThat(below).isCloseTo(detection.auroc(), within(1.0 / 98 + 1e-12));
  }

  private static double[] normal(Random random, int count, double mean) {
    return random.doubles(count).map(u -> mean + random.nextGaussian()).toArray();
  }

  /** The errors are the deviations of the figures of many independent tables. */
  @Test
  void errorsAreThoseOfIndependentTables() {
    Random random = new Random(1);
    int tables = 400;
    double[] areas = new double[tables];
    double[] precisions = new double[tables];
    double areaError = 0;
    double precisionError = 0;
    for (int i = 0; i < tables; i++) {
      Detection detection = Detection.of(normal(random, 200, 0), normal(random, 40, 1.2));
      areas[i] = detection.auroc();
      precisions[i] = detection.averagePrecision();
      areaError += detection.aurocError() / tables;
      precisionError += detection.averagePrecisionError() / tables;
    }
    assertThat(areaError).isCloseTo(deviation(areas), withinPercentage(12));
    assertThat(precisionError).isCloseTo(deviation(precisions), withinPercentage(12));
  }

  private static Detections detections(Map<String, double[]> normal, Map<String, double[]> marked) {
    return Detections.of(
        null,
        "marked",
        new Detections.Scored(normal.get("gaussian").length, normal),
        new Detections.Scored(marked.get("gaussian").length, marked),
        2);
  }

  private static Map<String, double[]> inOrder(double[] first, double[] second) {
    Map<String, double[]> scores = new LinkedHashMap<>();
    scores.put("anomaly_score", first);
    scores.put("gaussian", second);
    return scores;
  }

  /** The scores of a row, of which the second one follows from the first one but for noise. */
  private static Map<String, double[]> alike(Random random, int count, double mean) {
    double[] first = normal(random, count, mean);
    double[] second = DoubleStream.of(first).map(x -> x + random.nextGaussian() / 2).toArray();
    return inOrder(first, second);
  }

  /** Its error is the deviation of the differences of many independent tables. */
  @Test
  void aDifferenceIsThatOfTheSameRows() {
    Random random = new Random(4);
    int tables = 300;
    double[] differences = new double[tables];
    double error = 0;
    double unpaired = 0;
    for (int i = 0; i < tables; i++) {
      Detections detections = detections(alike(random, 200, 0), alike(random, 40, 1.2));
      Detection own = detections.scores().get("anomaly_score");
      Detection other = detections.scores().get("gaussian");
      assertThat(detections.differences()).containsOnlyKeys("gaussian");
      differences[i] = detections.differences().get("gaussian").value();
      assertThat(differences[i]).isCloseTo(own.auroc() - other.auroc(), within(1e-12));
      error += detections.differences().get("gaussian").error() / tables;
      unpaired += Math.hypot(own.aurocError(), other.aurocError()) / tables;
    }
    assertThat(error).isCloseTo(deviation(differences), withinPercentage(12));
    assertThat(unpaired).isGreaterThan(1.5 * error);
  }

  /** Which {@code scores/} marks too. */
  @Test
  void rowsWithoutADensityAreCaught() {
    double[] none = {Double.POSITIVE_INFINITY, 1};
    Map<String, double[]> scores = inOrder(none, none);
    assertThat(detections(scores, scores).detected()).isEqualTo(0.5);
  }

  private static double deviation(double[] values) {
    return Math.sqrt(StatUtils.variance(values));
  }

  @Test
  void aRowThatStandsForManyCountsAsMany() {
    double[] normal = {0, 1, 2, 5};
    double[] anomalous = {1, 4, 6};
    double[] repeated = DoubleStream.of(normal).flatMap(x -> DoubleStream.of(x, x, x)).toArray();
    Detection weighted = Detection.of(normal, 3, anomalous, 1, new double[Detection.RESAMPLINGS]);
    Detection plain = Detection.of(repeated, anomalous);
    assertThat(weighted.auroc()).isEqualTo(plain.auroc());
    assertThat(weighted.averagePrecision()).isCloseTo(plain.averagePrecision(), within(1e-15));
    assertThat(weighted.averagePrecision())
        .isLessThan(Detection.of(normal, anomalous).averagePrecision());
  }

  @Test
  void theCurveOfManyScoresIsShort() {
    Random random = new Random(3);
    Detection detection = Detection.of(normal(random, 20_000, 0), normal(random, 5000, 1));
    assertThat(detection.curve()).hasSizeBetween(50, 100);
    assertThat(detection.curve().get(0)).containsExactly(0.0, 0.0);
    assertThat(detection.curve().get(detection.curve().size() - 1)).containsExactly(1.0, 1.0);
  }

  private static double share(List<Integer> rows, int ensureCapacity) {
    return rows.stream().filter(s -> s >= ensureCapacity).count() / (double) rows.size();
  }

  @Test
  void infiniteScoresCountAsGreatest() {
    double[] normal = {0, 1, 2, Double.POSITIVE_INFINITY};
    double[] anomalous = new double[20];
    Arrays.fill(anomalous, Double.POSITIVE_INFINITY);
    Detection detection = Detection.of(normal, anomalous);
    assertThat(detection.auroc()).isEqualTo(0.875);
    assertThat(detection.falseAlarmRate()).isEqualTo(0.25);
    assertThat(detection.averagePrecision()).isCloseTo(20 / 21.0, within(1e-12));
  }
}
