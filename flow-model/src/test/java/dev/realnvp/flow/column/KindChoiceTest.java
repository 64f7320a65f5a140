package dev.realnvp.flow.column;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.column.KindChoice.Wish;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What columns are taken for. */
class KindChoiceTest {

  private static FeatureKind kind(DoubleUnaryOperator ofNormal, Wish wish) {
    Random random = new Random(1);
    return kind(DoubleStream.generate(random::nextGaussian).map(ofNormal).limit(5000), wish);
  }

  private static FeatureKind kind(DoubleStream values, Wish wish) {
    double[] all = values.toArray();
    float[] sample = new float[all.length];
    LevelCounts counts = new LevelCounts();
    for (int i = 0; i < sample.length; i++) {
      sample[i] = (float) all[i];
      counts.add(sample[i]);
    }
    return KindChoice.of(counts, sample, false, 0, wish).kind();
  }

  @Test
  void heavyTailsHaveALogarithmAndOthersNone() {
    assertThat(kind(z -> 3 + 2 * z, Wish.AUTO).curve().soft()).isFalse();
    assertThat(kind(z -> z < 0 ? z - 4 : z + 4, Wish.AUTO).curve().soft()).isFalse();
    assertThat(kind(z -> Math.exp(1.5 * z), Wish.AUTO).curve().soft()).isTrue();
    assertThat(kind(z -> Math.sinh(2 * z), Wish.AUTO).curve().soft()).isTrue();
    assertThat(kind(z -> Math.exp(0.1 * z), Wish.LOG).curve().soft()).isTrue();
    assertThatThrownBy(() -> kind(z -> z, Wish.LOG))
        .hasMessage("got log, expected numbers above 0");
  }

  /** Two numbers with heavy tails and their sum, and logarithms that follow from each other. */
  @Test
  void curvesAreLeftOutWhereTheyBendWhatIsLinear() {
    Random random = new Random(1);
    float[][] rows = new float[2000][5];
    LevelCounts[] counts = Stream.generate(LevelCounts::new).limit(5).toArray(LevelCounts[]::new);
    for (float[] row : rows) {
      row[0] = (float) Math.sinh(1.5 * random.nextGaussian());
      row[1] = (float) Math.sinh(1.5 * random.nextGaussian());
      row[2] = row[0] + row[1] + 0.05f * (float) random.nextGaussian();
      double logarithm = random.nextGaussian();
      row[3] = (float) Math.exp(logarithm);
      row[4] = (float) Math.exp(2 * logarithm + 0.02 * random.nextGaussian());
      IntStream.range(0, 5).forEach(j -> counts[j].add(row[j]));
    }
    List<KindChoice.Choice> alone =
        IntStream.range(0, 5)
            .mapToObj(
                j -> {
                  float[] values = new float[rows.length];
                  IntStream.range(0, rows.length).forEach(i -> values[i] = rows[i][j]);
                  return KindChoice.of(counts[j], values, false, 0, Wish.AUTO);
                })
            .toList();
    assertThat(alone).allMatch(choice -> choice.kind().curve().soft());
    List<KindChoice.Choice> joint = KindChoice.withoutHarmfulCurves(alone, rows, j -> true);
    assertThat(joint.stream().map(choice -> choice.kind().curve().soft()))
        .containsExactly(false, false, false, true, true);
    assertThat(joint.get(0).reason()).isEqualTo("as it is, in line with others");
    assertThat(joint.subList(3, 5)).isEqualTo(alone.subList(3, 5));
    assertThat(KindChoice.withoutHarmfulCurves(alone, rows, j -> j > 1)).isEqualTo(alone);
  }

  /** A narrow curve around values that many rows have would have any likelihood. */
  @Test
  void curvesAreNoNarrowerThanTheStepsOfTheValues() {
    FeatureKind counts = kind(z -> Math.floor(Math.exp(1.5 * Math.abs(z))), Wish.AUTO);
    assertThat(counts.curve().soft()).isTrue();
    assertThat(counts.curve().scale()).isBetween(1.0, 10.0);
  }

  @Test
  void zerosAndHolesAreLevelsOfANumber() {
    FeatureKind amounts = kind(z -> z < 0 ? 0 : z > 2 ? Double.NaN : Math.exp(z), Wish.AUTO);
    assertThat(amounts.levels()).containsExactly(0f);
    assertThat(amounts.missing()).isTrue();
    assertThat(amounts.isContinuous()).isTrue();
    // Of whole numbers that are frequent alike none is.
    FeatureKind counts = kind(z -> Math.rint(50 + 10 * z), Wish.AUTO);
    assertThat(counts.levels()).isEmpty();
    assertThat(counts.whole()).isTrue();
  }

  /** Ages of which every fifth is said too often have no atoms, but for what stands for none. */
  @Test
  void heapsAreNoLevels() {
    DoubleStream ages =
        DoubleStream.iterate(0, i -> i + 1).map(i -> i % 9 < 5 ? 5 * (i % 20) : i % 100);
    FeatureKind heaped = kind(ages.map(age -> age < 15 ? -1 : age).limit(5000), Wish.AUTO);
    assertThat(heaped.levels()).containsExactly(-1f);
    assertThat(heaped.isContinuous()).isTrue();
  }

  /** With few rows, how often one value comes tells of the next. */
  @Test
  void fewValuesOfFewRowsAreNumbers() {
    DoubleStream scores = DoubleStream.iterate(0, i -> i + 1).map(i -> i * i % 19);
    assertThat(kind(scores.limit(900), Wish.AUTO).isContinuous()).isTrue();
    DoubleStream more = DoubleStream.iterate(0, i -> i + 1).map(i -> i * i % 19);
    assertThat(kind(more.limit(1900), Wish.AUTO).isContinuous()).isFalse();
    DoubleStream flags = DoubleStream.iterate(0, i -> i + 1).map(i -> i * i % 3);
    assertThat(kind(flags.limit(50), Wish.AUTO).isContinuous()).isFalse();
  }

  /** 900 rows have one of 3 categories, 100 a rarer one that counts as the place behind them. */
  @Test
  void rareCategoriesShareTheLastLevel() {
    float[] places = new float[1000];
    LevelCounts counts = new LevelCounts();
    for (int i = 0; i < places.length; i++) {
      places[i] = i % 10 == 0 ? 3 : i % 3;
      counts.add(places[i]);
    }
    KindChoice.Choice choice = KindChoice.of(counts, places, true, 3, Wish.AUTO);
    assertThat(choice.kind().levels()).containsExactly(0f, 1f, 2f);
    assertThat(choice.kind().others()).isEqualTo(100 / 9.0);
    assertThat(choice.logFrequencies().get(3)).isCloseTo(Math.log(0.1), within(0.01));
    assertThat(choice.reason()).isEqualTo("3 values, rarer ones in 10.0 %");
  }

  @Test
  void fewValuesAreLevelsAndThoseOfOneRowAreOthers() {
    DoubleStream values = DoubleStream.iterate(0, i -> i + 1).map(i -> i < 995 ? i % 3 : i);
    FeatureKind few = kind(values.limit(1000), Wish.AUTO);
    assertThat(few.levels()).containsExactly(0f, 1f, 2f);
    assertThat(few.isContinuous()).isFalse();
    // n1 + n1 (n1 - 1) / (2 (n2 + 1)), the estimate of Chao.
    assertThat(few.others()).isEqualTo(5 + 5 * 4 / 2.0);
    assertThat(few.level(997, 0)).isEqualTo(few.size() - 1);
  }
}
