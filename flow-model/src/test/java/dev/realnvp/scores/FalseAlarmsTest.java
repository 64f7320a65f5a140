package dev.realnvp.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FalseAlarmsTest {

  /** Rows of a few classes, in another order for each order; the same ones for a seed. */
  private static ScoredRows rows(int count, long seed, long order) {
    Random random = new Random(seed);
    double[] logProb = random.doubles(count).map(u -> Math.log(u) - 40).toArray();
    double[] error = random.doubles(count).map(u -> 0.1 - 0.02 * Math.log(u)).toArray();
    int[] mostLikelyClass = random.ints(count, 0, 3).toArray();
    int[] places =
        new Random(order)
            .ints()
            .map(i -> Math.floorMod(i, count))
            .distinct()
            .limit(count)
            .toArray();
    return new ScoredRows(
        IntStream.of(places).mapToDouble(i -> logProb[i]).toArray(),
        Calibration.RELATIVE_ERROR,
        IntStream.of(places).mapToDouble(i -> error[i]).toArray(),
        IntStream.of(places).map(i -> mostLikelyClass[i]).toArray());
  }

  @Test
  void countsWhatTheDetectorSays() {
    AnomalyDetector detector = Calibration.of(rows(500, 1, 1), 4, "test").detector(0.2);
    ScoredRows others = rows(300, 2, 2);
    double[] scores = detector.scores(others);
    FalseAlarms alarms = FalseAlarms.of(detector, others).orElseThrow();
    long all = IntStream.range(0, 300).filter(i -> detector.isAnomaly(scores[i])).count();
    assertThat(alarms.share()).isEqualTo(all / 300.0).isBetween(0.1, 0.3);
    double greatest = 0;
    for (int k = 0; k < 3; k++) {
      int label = k;
      int[] some =
          IntStream.range(0, 300).filter(i -> others.mostLikelyClass()[i] == label).toArray();
      long own = IntStream.of(some).filter(i -> detector.isAnomaly(scores[i], label)).count();
      assertThat(alarms.rows()[k]).isEqualTo(some.length);
      assertThat(alarms.classAlarms()[k]).isEqualTo(own);
      greatest = Math.max(greatest, (double) own / some.length);
    }
    assertThat(alarms.rows()[3]).isZero();
    assertThat(alarms.greatestClassShare()).contains(greatest);
  }

  @Test
  void halvesHaveAboutTheRateInWhateverOrderTheRowsCome() {
    FalseAlarms alarms = FalseAlarms.byHalves(rows(20_000, 3, 4), 3, 0.05).orElseThrow();
    assertThat(alarms.share()).isCloseTo(0.05, within(0.006));
    assertThat(alarms.greatestClassShare().orElseThrow()).isBetween(0.045, 0.065);
    assertThat(IntStream.range(0, 3).mapToLong(k -> alarms.rows()[k]).sum()).isEqualTo(20_000);
    assertThat(FalseAlarms.byHalves(rows(20_000, 3, 5), 3, 0.05).orElseThrow())
        .usingRecursiveComparison()
        .isEqualTo(alarms);
  }

  /** Of rows judged by thresholds of themselves, 47 or 48 of 1,000 would be above. */
  @Test
  void aHalfIsJudgedByTheOther() {
    int off = 0;
    for (int seed = 0; seed < 20; seed++) {
      double share = FalseAlarms.byHalves(rows(1000, seed, 1), 3, 0.05).orElseThrow().share();
      off += Math.abs(share - 0.05) > 0.0035 ? 1 : 0;
    }
    assertThat(off).isGreaterThan(5);
  }

  @Test
  void equalRowsGoToBothHalves() {
    ScoredRows same = new ScoredRows(new double[100], null, new double[0], new int[100]);
    FalseAlarms alarms = FalseAlarms.byHalves(same, 1, 0.1).orElseThrow();
    assertThat(alarms.rows()).containsExactly(100);
    assertThat(alarms.share()).isZero();
  }

  /** Half of 150 rows has no score that a hundredth of rows exceeds. */
  @Test
  void fewRowsTellNoFalseAlarms() {
    for (int count : new int[] {1, 2, 150}) {
      assertThat(FalseAlarms.byHalves(rows(count, 1, 1), 3, 0.01)).isEmpty();
    }
    AnomalyDetector few = Calibration.of(rows(90, 1, 1), 3, "test").detector(0.01);
    assertThat(few.threshold()).isInfinite();
    assertThat(FalseAlarms.of(few, rows(300, 2, 2))).isEmpty();
  }

  @Test
  void onlyClassesWithAThresholdHaveAShare() {
    AnomalyDetector detector = Calibration.of(rows(150, 1, 1), 3, "test").detector(0.01);
    assertThat(detector.hasThreshold(0)).isFalse();
    FalseAlarms alarms = FalseAlarms.of(detector, rows(300, 2, 2)).orElseThrow();
    assertThat(alarms.classRows()).containsExactly(0, 0, 0);
    assertThat(alarms.greatestClassShare()).isEmpty();
  }
}
