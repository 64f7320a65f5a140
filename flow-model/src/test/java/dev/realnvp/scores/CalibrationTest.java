package dev.realnvp.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CalibrationTest {

  /** Rows whose scores depend on their class, and on each other. */
  private static ScoredRows rows(int count, int classes, long seed) {
    Random random = new Random(seed);
    double[] logProb = new double[count];
    double[] error = new double[count];
    int[] mostLikelyClass = new int[count];
    for (int i = 0; i < count; i++) {
      mostLikelyClass[i] = random.nextInt(classes);
      double strange = random.nextGaussian();
      logProb[i] = -40 + 3 * mostLikelyClass[i] - 8 * strange - random.nextDouble();
      error[i] = 0.1 + 0.02 * Math.abs(strange + random.nextGaussian());
    }
    return new ScoredRows(logProb, Calibration.RELATIVE_ERROR, error, mostLikelyClass);
  }

  private static ScoredRows withoutErrors(ScoredRows rows) {
    return new ScoredRows(rows.logProb(), null, new double[0], rows.mostLikelyClass());
  }

  private static ScoredRows withCrossEntropies(ScoredRows rows) {
    return new ScoredRows(
        rows.logProb(), Calibration.RECONSTRUCTION_ERROR, rows.errors(), rows.mostLikelyClass());
  }

  private static double share(double[] scores, double threshold) {
    return DoubleStream.of(scores).filter(s -> s > threshold).count() / (double) scores.length;
  }

  @Property(tries = 20)
  void comesBackFromJson(
      @ForAll @IntRange(min = 1, max = 2000) int count,
      @ForAll @IntRange(min = 1, max = 12) int classes,
      @ForAll long seed) {
    ScoredRows rows = rows(count, classes, seed);
    for (ScoredRows some : List.of(rows, withCrossEntropies(rows), withoutErrors(rows))) {
      Calibration untempered = Calibration.of(some, classes, "test");
      assertThat(untempered.toJson()).doesNotContain("temperature");
      assertThat(Calibration.fromJson(untempered.toJson()).temperature()).isNull();
      Calibration calibration = untempered.with(new Temperature(1.4, 1.6));
      Calibration read = Calibration.fromJson(calibration.toJson());
      assertThat(read).usingRecursiveComparison().isEqualTo(calibration);
      assertThat(read.count()).isEqualTo(count);
      assertThat(read.classes()).isEqualTo(classes);
      assertThat(read.errorColumn()).isEqualTo(Optional.ofNullable(some.error()));
      assertThat(read.detector(0.1).errorColumn()).isEqualTo(some.error());
    }
  }

  @Test
  void theScoreIsTheLengthOfWhatIsStrange() {
    ScoredRows rows = rows(5000, 3, 1);
    AnomalyDetector detector = Calibration.of(rows, 3, "test").detector(0.01);
    double[] sorted = DoubleStream.of(rows.logProb()).sorted().toArray();
    double[] errors = DoubleStream.of(rows.errors()).sorted().toArray();
    // Of 5,000 sorted values: the median, and the 15.87 and 84.13 % quantiles.
    double density = (sorted[2500] + 100) / (sorted[2500] - sorted[793]);
    double error = (0.5 - errors[2500]) / (errors[4206] - errors[2500]);
    assertThat(detector.score(-100, 0.5))
        .isCloseTo(Math.hypot(density, error), withinPercentage(0.5));
    assertThat(detector.score(-100, 0.0)).isCloseTo(density, withinPercentage(0.5));
    assertThat(detector.score(100, 0.5)).isCloseTo(error, withinPercentage(0.5));
    assertThat(detector.score(100, 0.0)).isCloseTo(0, within(1e-3));
    double mean = DoubleStream.of(rows.logProb()).average().orElseThrow();
    assertThat(detector.typicality(-100)).isCloseTo(mean + 100, within(1e-9));
    assertThat(detector.typicality(100)).isCloseTo(100 - mean, within(1e-9));
  }

  @Test
  void noTwoDensitiesTie() {
    ScoredRows rows = withoutErrors(rows(500, 2, 1));
    AnomalyDetector detector = Calibration.of(rows, 2, "test").detector(0.01);
    double[] logProb = DoubleStream.of(rows.logProb()).sorted().toArray();
    for (int i = 1; i < logProb.length; i++) {
      assertThat(detector.score(logProb[i], null)).isLessThan(detector.score(logProb[i - 1], null));
    }
  }

  @Property(tries = 20)
  void thresholdsLeaveTheirShareOfTheRowsAndOfEachClass(@ForAll long seed) {
    ScoredRows rows = rows(6000, 4, seed);
    AnomalyDetector detector = Calibration.of(rows, 4, "test").detector(0.02);
    double[] scores = detector.scores(rows);
    assertThat(share(scores, detector.threshold())).isCloseTo(0.02, within(1e-3));
    for (int k = 0; k < 4; k++) {
      int label = k;
      double[] some =
          IntStream.range(0, rows.size())
              .filter(i -> rows.mostLikelyClass()[i] == label)
              .mapToDouble(i -> scores[i])
              .toArray();
      assertThat(share(some, detector.classThresholds()[k])).isCloseTo(0.02, within(2e-3));
    }
  }

  @Test
  void withoutReconstructionErrorsTheDensityDecides() {
    ScoredRows rows = rows(3000, 2, 5);
    Calibration both = Calibration.of(rows, 2, "test");
    Calibration alone = Calibration.of(withoutErrors(rows), 2, "test");
    for (AnomalyDetector detector :
        List.of(both.densityDetector(0.1), alone.detector(0.1), alone.densityDetector(0.1))) {
      assertThat(detector.reconstructs()).isFalse();
      assertThat(detector.score(-70, null)).isEqualTo(detector.score(-70, 9.0)).isPositive();
      assertThat(share(detector.scores(withoutErrors(rows)), detector.threshold()))
          .isCloseTo(0.1, within(2e-3));
    }
    assertThat(both.detector(0.1).reconstructs()).isTrue();
    assertThat(both.detector(0.1).score(-70, 9.0))
        .isGreaterThan(alone.detector(0.1).score(-70, 9.0));
  }

  @Test
  void aClassWithoutRowsHasNoAnomalies() {
    ScoredRows rows = rows(500, 2, 6);
    AnomalyDetector detector = Calibration.of(rows, 3, "test").detector(0.1);
    assertThat(detector.isAnomaly(1e9)).isTrue();
    assertThat(detector.isAnomaly(1e9, 0)).isTrue();
    assertThat(detector.isAnomaly(1e9, 2)).isFalse();
  }

  @Test
  void whatCannotBeJudgedIsAnAnomaly() {
    ScoredRows rows = rows(500, 2, 9);
    AnomalyDetector detector = Calibration.of(rows, 3, "test").detector(0.1);
    for (double score : List.of(detector.score(Double.NaN, 0.1), detector.score(-40, Double.NaN))) {
      assertThat(score).isNaN();
      assertThat(detector.isAnomaly(score)).isTrue();
      assertThat(detector.isAnomaly(score, 0)).isTrue();
      assertThat(detector.isAnomaly(score, 2)).isTrue();
    }
  }

  @Test
  void whatIsNoCalibrationIsRefusedInOneLine() {
    String json = Calibration.of(rows(5, 2, 8), 2, "test").toJson();
    for (String broken :
        List.of(
            "",
            "null",
            "[]",
            "{}",
            json.substring(0, 200),
            json + "}",
            json.replace("\"version\" : 3", "\"version\" : 4"),
            json.replace("\"version\" : 3", "\"version\" : 2"),
            json.replace("\"split\"", "\"part\""),
            json.replace("\"log_prob\"", "\"logs\""),
            json.replace("\"version\" : 3", "\"version\" : \"1\\nof 2\""),
            json.replace("\"relative_error\"", "\"absolute_error\""),
            json.replace(
                "\"relative_error\"",
                "\"reconstruction_error\" : { \"count\" : 1, \"mean\" : 0, \"quantiles\" : [ 0 ] }, \"relative_error\""),
            json.replaceFirst("\"count\" : 5", "\"count\" : -5"),
            json.replaceFirst("\"quantiles\" : \\[", "\"quantiles\" : [ 1e9,"),
            json.replaceFirst("\"mean\" : ", "\"mean\" : \"NaN\", \"old\" : "),
            json.replaceFirst("\"classes\" : \\[", "\"classes\" : [ null,"))) {
      assertThatThrownBy(() -> Calibration.fromJson(broken))
          .as(broken)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no calibration: ")
          .message()
          .hasLineCount(1);
    }
  }
}
