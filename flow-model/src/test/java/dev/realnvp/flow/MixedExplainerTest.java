package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Learner;
import dev.realnvp.flow.Explainer.Counterfactual;
import dev.realnvp.flow.column.Curve;
import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.column.KindChoice;
import dev.realnvp.flow.column.LevelCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** Repairs of rows of categories, numbers and zeros, under a flow that has learnt them. */
class MixedExplainerTest {

  private static final int KIND = 0;
  private static final int PLACE = 1;
  private static final int PRICE = 2;
  private static final int DEBT = 3;
  private static final int SIZE = 4;
  private static final int FEATURES = 5;
  private static final int PLANTED = 200;

  /**
   * A row: the price is log-normal about that of its kind, the size follows from price and place,
   * and all but those at place 0, and few others, have a debt.
   */
  private static float[] row(Random random) {
    int kind = random.nextInt(4);
    int place = random.nextDouble() < 0.9 ? kind % 3 : random.nextInt(3);
    double log = 1.5 * kind + 0.5 * random.nextGaussian();
    boolean indebted = random.nextDouble() < (place == 0 ? 0.02 : 0.98);
    double debt = 10 + 2 * log + 0.5 * random.nextGaussian();
    double size = 2 * log + 3 * place + 0.3 * random.nextGaussian();
    return new float[] {
      kind, place, (float) Math.exp(log), indebted ? (float) debt : 0, (float) size
    };
  }

  /** By the unit of the debt, on which nothing depends. */
  private static final Map<Float, RealNVP> FLOWS =
      Stream.of(1e-4f, 1f, 1e4f).collect(Collectors.toMap(unit -> unit, unit -> trained(unit)));

  private static float[] inUnit(float[] row, float unit) {
    row[DEBT] *= unit;
    return row;
  }

  private static RealNVP trained(float unit) {
    Random random = new Random(1);
    float[][] rows =
        Stream.generate(() -> inUnit(row(random), unit)).limit(4000).toArray(float[][]::new);
    List<FeatureKind> kinds = new ArrayList<>();
    List<Double> logFrequencies = new ArrayList<>();
    for (int j = 0; j < FEATURES; j++) {
      LevelCounts counts = new LevelCounts();
      float[] column = new float[rows.length];
      for (int i = 0; i < rows.length; i++) {
        column[i] = rows[i][j];
        counts.add(column[i]);
      }
      KindChoice.Choice choice = KindChoice.of(counts, column, j <= PLACE, 0, KindChoice.Wish.AUTO);
      kinds.add(choice.kind());
      logFrequencies.addAll(choice.logFrequencies());
    }
    RealNVP flow =
        RealNVP.create(
            RealNVPConfig.builder(3, 0, 4, List.of(32)).batchNorm(false).build(),
            kinds,
            logFrequencies.stream().mapToDouble(x -> x).toArray(),
            Optional.empty(),
            new float[0][],
            new boolean[0],
            Configs.ADAM);
    Learner learner = Learner.of(flow.network()).orElseThrow();
    float[] parameters = flow.network().params().toFloatVector();
    learner.load(parameters, new float[2 * parameters.length], 0, 0);
    for (int step = 0; step < 600; step++) {
      Batch batch = learner.batch().rows(256);
      float[] x = batch.inputs().ensureCapacity(256 * FEATURES);
      for (int i = 0; i < 256; i++) {
        float[] row = rows[random.nextInt(rows.length)];
        for (int j = 0; j < FEATURES; j++) {
          x[j * 256 + i] = row[j];
        }
      }
      learner.fit();
    }
    learner.store(parameters, new float[2 * parameters.length]);
    flow.network().setParams(Nd4j.createFromArray(parameters));
    return flow;
  }

  private static List<List<Counterfactual>> explain(RealNVP flow, float[]... rows) {
    return new Explainer(flow, new double[0])
        .explain(flat(rows), new Context.Values(new float[0], 0), rows.length, 3);
  }

  /** Of the coordinates. */
  private static double[] logProb(RealNVP flow, float[]... rows) {
    double[] logProb = new double[rows.length];
    FlowEngine.batchInvariant(flow).logProb(flat(rows), Context.NONE, logProb);
    List<FeatureKind> kinds = flow.mixed().orElseThrow().kinds();
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < FEATURES; j++) {
        boolean number = kinds.get(j).isNumber(rows[i][j]);
        logProb[i] -= number ? kinds.get(j).logSlope(rows[i][j]) : 0;
      }
    }
    return logProb;
  }

  private static float[] flat(float[]... rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
    }
    return flat;
  }

  /** Rows, some of which have a wrong value. */
  private static float[][] planted(float unit, Predicate<float[]> chosen, Consumer<float[]> wrong) {
    Random random = new Random(2);
    return Stream.generate(() -> row(random))
        .filter(chosen)
        .limit(PLANTED)
        .peek(wrong)
        .map(row -> inUnit(row, unit))
        .toArray(float[][]::new);
  }

  /**
   * Plants wrong values, which are named first and replaced by ones near to the right ones in 190
   * of 200 rows; and the nats add up.
   */
  private static void assertNamed(
      int feature,
      Predicate<float[]> chosen,
      Consumer<float[]> wrong,
      DoubleBinaryOperator distance,
      double most) {
    FLOWS.forEach((unit, flow) -> assertNamed(unit, flow, feature, chosen, wrong, distance, most));
  }

  private static void assertNamed(
      float unit,
      RealNVP flow,
      int feature,
      Predicate<float[]> chosen,
      Consumer<float[]> wrong,
      DoubleBinaryOperator distance,
      double most) {
    float[][] right = planted(unit, chosen, row -> {});
    float[][] rows = planted(unit, chosen, wrong);
    List<List<Counterfactual>> all = explain(flow, rows);
    double by = feature == DEBT ? unit : 1;
    float[][] repaired = Stream.of(rows).map(float[]::clone).toArray(float[][]::new);
    int named = 0;
    for (int i = 0; i < PLANTED; i++) {
      Counterfactual first = all.get(i).get(0);
      assertThat(first.value()).isEqualTo(rows[i][first.feature()]);
      boolean near = distance.applyAsDouble(first.normal() / by, right[i][feature] / by) <= most;
      named += first.feature() == feature && near ? 1 : 0;
      for (Counterfactual repair : all.get(i)) {
        assertThat(repair.nats()).isPositive();
        repaired[i][repair.feature()] = repair.normal();
      }
    }
    assertThat(named).isGreaterThanOrEqualTo(190);
    double[] before = logProb(flow, rows);
    double[] after = logProb(flow, repaired);
    for (int i = 0; i < PLANTED; i++) {
      double nats = all.get(i).stream().mapToDouble(Counterfactual::nats).sum();
      assertThat(nats).isCloseTo(after[i] - before[i], within(1e-3 * Math.max(1, nats)));
    }
    assertThat(explain(flow, rows[77])).containsExactly(all.get(77));
  }

  private static final DoubleBinaryOperator DIFFERENCE = (a, b) -> Math.abs(a - b);

  private static final DoubleBinaryOperator LOG_RATIO = (a, b) -> Math.abs(Math.log(a / b));

  @Test
  void aWrongCategoryIsNamed() {
    assertNamed(KIND, row -> true, row -> row[KIND] = (row[KIND] + 2) % 4, DIFFERENCE, 0);
  }

  @Test
  void aWrongZeroIsNamed() {
    assertNamed(
        DEBT, row -> row[PLACE] != 0 && row[DEBT] != 0, row -> row[DEBT] = 0, DIFFERENCE, 3);
  }

  @Test
  void aNumberInsteadOfAZeroIsNamed() {
    assertNamed(
        DEBT,
        row -> row[PLACE] == 0 && row[DEBT] == 0,
        row -> row[DEBT] = 10 + 2 * (float) Math.log(row[PRICE]),
        DIFFERENCE,
        0);
  }

  @Test
  void aWrongNumberIsNamed() {
    assertNamed(
        PRICE, row -> true, row -> row[PRICE] *= row[KIND] > 1 ? 0.02f : 50, LOG_RATIO, 1.5);
    assertNamed(PRICE, row -> true, row -> row[PRICE] *= 1e6f, LOG_RATIO, 1.5);
    assertNamed(SIZE, row -> true, row -> row[SIZE] += 10, DIFFERENCE, 3);
  }

  /** Untrained: the levels have their frequencies, the numbers nearly a normal distribution. */
  private static RealNVP flow(List<FeatureKind> kinds, double... logFrequencies) {
    RealNVPConfig config =
        RealNVPConfig.builder(2, 0, 1, List.of(4)).batchNorm(false).seed(3).build();
    return RealNVP.create(
        config,
        kinds,
        logFrequencies,
        Optional.empty(),
        new float[0][],
        new boolean[0],
        Configs.ADAM);
  }

  private static FeatureKind kind(
      Float[] levels, boolean missing, Curve curve, boolean whole, int copied) {
    return new FeatureKind(List.of(levels), missing, 1, curve, whole, 0, copied);
  }

  /** Of 40 levels the 16 most frequent ones are tried, and never another value. */
  @Test
  void aLevelIsReplacedByAFrequentOne() {
    Float[] levels = IntStream.range(0, 40).mapToObj(k -> (float) k).toArray(Float[]::new);
    double[] logFrequencies =
        IntStream.range(0, 41).mapToDouble(k -> -0.1 * ((k + 23) % 41)).toArray();
    logFrequencies[40] = 1;
    RealNVP flow = flow(List.of(kind(levels, false, Curve.NONE, false, -1)), logFrequencies);
    assertThat(explain(flow, new float[] {3}).get(0))
        .singleElement()
        .satisfies(
            repair -> {
              assertThat(repair.normal()).isEqualTo(18);
              assertThat(repair.nats()).isCloseTo(2.6, within(0.3));
            });
    assertThat(explain(flow, new float[] {99}).get(0)).isEmpty();
    assertThat(explain(flow, new float[] {18}).get(0)).isEmpty();
  }

  @Test
  void aNumberIsReplacedByWhatIsMissingAndTheOtherWayRound() {
    List<FeatureKind> kinds = List.of(kind(new Float[0], true, Curve.linear(50, 2), false, -1));
    RealNVP mostlyMissing = flow(kinds, Math.log(0.999), Math.log(0.001));
    RealNVP seldomMissing = flow(kinds, Math.log(0.001), Math.log(0.999));
    assertThat(explain(mostlyMissing, new float[] {50}).get(0))
        .singleElement()
        .satisfies(repair -> assertThat(repair.normal()).isNaN());
    assertThat(explain(mostlyMissing, new float[] {Float.NaN}).get(0)).isEmpty();
    assertThat(explain(seldomMissing, new float[] {Float.NaN}).get(0))
        .singleElement()
        .satisfies(repair -> assertThat(repair.normal()).isCloseTo(50, within(6f)));
  }

  /** The middle is a level of little probability. */
  @Test
  void wholeNumbersAreReplacedByWholeNumbersThatAreNoLevels() {
    List<FeatureKind> kinds =
        List.of(kind(new Float[] {50f}, false, Curve.linear(50.5, 20), true, -1));
    RealNVP flow = flow(kinds, Math.log(1e-6), Math.log(1 - 1e-6));
    for (float value : new float[] {50, -900, 700}) {
      assertThat(explain(flow, new float[] {value}).get(0))
          .singleElement()
          .satisfies(
              repair -> {
                assertThat(repair.normal()).isEqualTo((float) Math.rint(repair.normal()));
                assertThat(repair.normal()).isNotEqualTo(50).isBetween(0f, 100f);
              });
    }
  }

  @Test
  void copiesAndOriginalsTryEachOthersValues() {
    List<FeatureKind> kinds =
        List.of(
            FeatureKind.continuous(Curve.linear(0, 1), 0),
            kind(new Float[0], false, Curve.NONE, false, 0));
    RealNVP flow = flow(kinds, Math.log(0.999), Math.log(0.001));
    assertThat(explain(flow, new float[] {0.3f, 8}).get(0).get(0))
        .satisfies(repair -> assertThat(repair.feature()).isEqualTo(1))
        .satisfies(repair -> assertThat(repair.normal()).isEqualTo(0.3f));
    assertThat(explain(flow, new float[] {8, 0.3f}).get(0).get(0))
        .satisfies(repair -> assertThat(repair.feature()).isEqualTo(0))
        .satisfies(repair -> assertThat(repair.normal()).isEqualTo(0.3f));
  }

  /** More than are searched along. */
  @Test
  void ofManyFeaturesTheWrongOneIsNamed() {
    int many = 60;
    FeatureKind debt = kind(new Float[] {0f}, false, Curve.linear(50, 2), false, -1);
    FeatureKind answer = kind(new Float[] {0f, 1f, 2f}, false, Curve.NONE, false, -1);
    List<FeatureKind> kinds = new ArrayList<>();
    List<Double> frequencies = new ArrayList<>();
    float[] row = new float[many];
    for (int j = 0; j < many; j++) {
      kinds.add(j % 2 == 0 ? debt : answer);
      frequencies.addAll(j % 2 == 0 ? List.of(0.9, 0.1) : List.of(0.1, 0.7, 0.15, 0.05));
      row[j] = j % 2;
    }
    double[] logs = frequencies.stream().mapToDouble(Math::log).toArray();
    row[31] = 7;
    assertThat(explain(flow(kinds, logs), row).get(0).get(0).feature()).isEqualTo(31);
    row[31] = 1;
    row[44] = 90;
    assertThat(explain(flow(kinds, logs), row).get(0).get(0))
        .satisfies(repair -> assertThat(repair.feature()).isEqualTo(44))
        .satisfies(repair -> assertThat(repair.normal()).isZero());
  }
}
