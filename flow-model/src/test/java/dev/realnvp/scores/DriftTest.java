package dev.realnvp.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of one distribution are seldom said to have drifted; what moved is named. */
class DriftTest {

  private static final int FEATURES = 6;
  private static final int DRAWS = Integer.getInteger("drift.draws", 1000);

  /** Rows of independent normal features, one of them moved, and their exact log-densities. */
  private record Rows(double[][] features, Drift.Scored scored) {

    static Rows draw(Random random, int count, int shifted, double by) {
      NormalDistribution normal = new NormalDistribution(null, 0, 1);
      double[][] features = new double[FEATURES][count];
      double[] logProb = new double[count];
      long[] classes = new long[3];
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < FEATURES; j++) {
          features[j][i] = random.nextGaussian() + (j == shifted ? by : 0);
          logProb[i] += normal.logDensity(features[j][i]);
        }
        classes[random.nextInt(3)]++;
      }
      return new Rows(features, new Drift.Scored(logProb, classes));
    }
  }

  private static List<Shift> shifts(Rows reference, Rows rows) {
    return IntStream.range(0, FEATURES)
        .mapToObj(j -> shift(j, reference.features()[j], rows.features()[j]))
        .toList();
  }

  private static Shift shift(int feature, double[] reference, double[] rows) {
    return Shift.of(feature, "x" + feature, Marginal.of(reference, 1000), Marginal.of(rows));
  }

  private static Drift compare(Rows reference, Rows rows, List<Shift> shifts, double rate) {
    return Drift.of(
        rate,
        Reference.of("test", reference.scored(), List.of()),
        rows.scored(),
        shifts,
        List.of("a", "b", "c"));
  }

  private static Drift compare(Rows reference, Rows rows, double rate) {
    return compare(reference, rows, shifts(reference, rows), rate);
  }

  /** Of few values, one of them rare, of one value mostly, and of ranks. */
  private static double[][] kinds(Random random, int count) {
    double[][] kinds = new double[FEATURES][count];
    for (int i = 0; i < count; i++) {
      kinds[0][i] = random.nextDouble() < 0.5 ? 1 : 0;
      kinds[1][i] = random.nextDouble() < 0.02 ? 1 : 0;
      kinds[2][i] = random.nextDouble() < 0.004 ? 1 : 0;
      kinds[3][i] = Math.min(9, (int) (-1.5 * Math.log(random.nextDouble())));
      kinds[4][i] = random.nextDouble() < 0.8 ? 0 : Math.exp(3 * random.nextGaussian());
      kinds[5][i] = random.nextInt(100);
    }
    return kinds;
  }

  /** The tests are of finite tables, and so careful; 1,000 draws of 1 % err by 0.3 %. */
  @ParameterizedTest
  @CsvSource({"false, 200, 150", "true, 200, 150", "true, 150, 600"})
  void theFalseAlarmRateIsAsStated(boolean discrete, int before, int now) {
    Random random = new Random(1);
    List<Double> rates = List.of(0.01, 0.1);
    int[] alarms = new int[rates.size()];
    for (int i = 0; i < DRAWS; i++) {
      Rows reference = Rows.draw(random, before, 0, 0);
      Rows rows = Rows.draw(random, now, 0, 0);
      List<Shift> shifts = new ArrayList<>(shifts(reference, rows));
      double[][] old = kinds(random, before);
      double[][] kinds = kinds(random, now);
      for (int j = 0; j < kinds.length && discrete; j++) {
        shifts.add(shift(FEATURES + j, old[j], kinds[j]));
      }
      for (int k = 0; k < alarms.length; k++) {
        alarms[k] += compare(reference, rows, shifts, rates.get(k)).drifted() ? 1 : 0;
      }
    }
    assertThat(alarms[0] / (double) DRAWS).isBetween(0.001, 0.014);
    assertThat(alarms[1] / (double) DRAWS).isBetween(0.035, 0.11);
  }

  /** Of which a mean says most, and the distance nothing. */
  @Test
  void aFewRowsFarOutAreSeen() {
    Rows reference = Rows.draw(new Random(6), 1000, 0, 0);
    Rows rows = Rows.draw(new Random(7), 1000, 0, 0);
    Arrays.fill(rows.features()[2], 0, 30, -1e6);
    Drift drift = compare(reference, rows, 0.01);
    assertThat(drift.movedFeatures()).extracting(Shift::name).containsExactly("x2");
    Shift shift = drift.movedFeatures().get(0);
    assertThat(shift.outside()).isBetween(30L, 36L);
    assertThat(shift.median()).isCloseTo(0, within(0.2));
    assertThat(shift.range().get(0)).isBetween(-4.0, -2.5);
  }

  @Test
  void rareValuesAreNoShiftAndNewOnesAre() {
    double[] before = new double[10_000];
    double[] now = new double[10_020];
    Arrays.fill(before, 0, 3, 1);
    Arrays.fill(now, 0, 3, 1);
    assertThat(shift(0, before, now).pValue()).isGreaterThan(0.5);
    Arrays.fill(now, 0, 40, 1);
    assertThat(shift(0, before, now).pValue()).isLessThan(1e-6);
    Arrays.fill(now, 0, 40, 0.5);
    assertThat(shift(0, before, now).pValue()).isLessThan(1e-6);
    // Two rows without a density.
    before = new Random(8).doubles(10_000).toArray();
    now = new Random(9).doubles(10_000).toArray();
    Arrays.fill(now, 0, 2, Double.NEGATIVE_INFINITY);
    assertThat(shift(0, before, now).pValue()).isGreaterThan(0.05);
  }

  /** Mostly zeros; of the other values each is of one row, and other rows have others. */
  @Test
  void valuesThatAreNewBecauseAllAreRareAreNoShift() {
    Random random = new Random(10);
    int alarms = 0;
    for (int i = 0; i < 200; i++) {
      alarms += shift(0, amounts(random, 300), amounts(random, 300)).pValue() < 0.01 ? 1 : 0;
    }
    assertThat(alarms).isLessThan(8);
  }

  private static double[] amounts(Random random, int count) {
    return random.doubles(count).map(u -> u < 0.95 ? 0 : Math.exp(random.nextGaussian())).toArray();
  }

  @Test
  void aShiftedFeatureIsNamed() {
    Random random = new Random(2);
    for (int j = 0; j < FEATURES; j++) {
      Drift drift = compare(Rows.draw(random, 2000, 0, 0), Rows.draw(random, 2000, j, 0.5), 0.01);
      assertThat(drift.drifted()).isTrue();
      assertThat(drift.movedFeatures()).extracting(Shift::name).containsExactly("x" + j);
      assertThat(drift.features().get(0).deviations()).isCloseTo(0.5, within(0.1));
      // That of normals half a deviation apart: 2 Phi(1/4) - 1.
      assertThat(drift.features().get(0).distance()).isCloseTo(0.1974, within(0.04));
    }
  }

  /** What no feature shows, the density does. */
  @Test
  void rowsWithoutADensityCountAsTheStrangest() {
    Rows reference = Rows.draw(new Random(3), 1000, 0, 0);
    Rows rows = Rows.draw(new Random(4), 1000, 0, 0);
    Arrays.fill(rows.scored().logProb(), 0, 200, Double.NEGATIVE_INFINITY);
    Drift drift = compare(reference, rows, 0.01);
    assertThat(drift.moved()).containsExactly("log p(x)");
    assertThat(drift.logProb().mean()).isFinite();
    Arrays.fill(rows.scored().logProb(), Double.NEGATIVE_INFINITY);
    assertThat(compare(reference, rows, 0.01).logProb().mean()).isNull();
  }

  @Test
  void classesOfOtherSharesAreFound() {
    List<String> names = List.of("a", "b", "c", "d");
    ClassShift same =
        ClassShift.of(names, new long[] {500, 300, 198, 2}, new long[] {250, 152, 98, 0});
    assertThat(same.pValue()).isGreaterThan(0.5);
    ClassShift other =
        ClassShift.of(names, new long[] {500, 300, 198, 2}, new long[] {200, 200, 99, 1});
    assertThat(other.pValue()).isLessThan(1e-3);
    assertThat(other.distance()).isCloseTo(0.1, within(1e-3));
    assertThat(ClassShift.of(names, new long[] {9, 0, 0, 0}, new long[] {9, 0, 0, 0}).pValue())
        .isOne();
    // A class that is new to the rows.
    assertThat(ClassShift.of(names, new long[] {99, 1, 0, 0}, new long[] {50, 0, 0, 50}).pValue())
        .isLessThan(1e-6);
  }

  @Test
  void theOrderOfTheRowsDoesNotMatterAndTiesAreNoShift() {
    Random random = new Random(5);
    Double[] values =
        IntStream.range(0, 60).mapToObj(i -> (double) random.nextInt(4)).toArray(Double[]::new);
    double[] before = Arrays.stream(values).mapToDouble(x -> x).toArray();
    Collections.shuffle(Arrays.asList(values), random);
    double[] shuffled = Arrays.stream(values).mapToDouble(x -> x).toArray();
    double[] other = IntStream.range(0, 50).mapToDouble(i -> random.nextInt(4)).toArray();
    assertThat(shift(0, shuffled, other)).isEqualTo(shift(0, before, other));
    Shift constant = shift(0, new double[500], new double[300]);
    assertThat(constant.pValue()).isOne();
    assertThat(constant.distance()).isZero();
    assertThat(constant.deviations()).isNull();
  }
}
