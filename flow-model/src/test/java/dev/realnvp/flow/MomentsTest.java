package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MomentsTest {

  private static final MathContext EXACT = new MathContext(60);

  private static Moments of(List<Float> values, int from, int to) {
    Moments moments = new Moments(1);
    values.subList(from, to).forEach(value -> moments.add(new float[] {value}, 1));
    return moments;
  }

  /** The textbook's formulas in 60 digits. */
  private static double[] exact(List<Float> values) {
    BigDecimal count = new BigDecimal(values.size());
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal squares = BigDecimal.ZERO;
    for (float value : values) {
      BigDecimal x = new BigDecimal(value);
      sum = sum.add(x);
      squares = squares.add(x.multiply(x));
    }
    BigDecimal mean = sum.divide(count, EXACT);
    BigDecimal variance =
        squares.divide(count, EXACT).subtract(mean.multiply(mean)).max(BigDecimal.ZERO);
    return new double[] {mean.doubleValue(), variance.sqrt(EXACT).doubleValue()};
  }

  private static void assertMoments(Moments moments, double[] expected, double size) {
    assertThat(moments.mean()[0]).isEqualTo(expected[0]);
    assertThat(moments.deviation()[0]).isCloseTo(expected[1], within(1e-15 * size));
  }

  @Property(tries = 200)
  void areThoseOfTheRowsHoweverTheyAreParted(
      @ForAll @Size(min = 1, max = 60) List<@FloatRange(min = -1e6f, max = 1e6f) Float> values,
      @ForAll @IntRange(max = 60) int at) {
    int cut = Math.min(at, values.size());
    Moments parts = of(values, 0, cut);
    parts.add(of(values, cut, values.size()));
    double size = 1 + values.stream().mapToDouble(Math::abs).max().orElseThrow();
    assertMoments(parts, exact(values), size);
    assertMoments(of(values, 0, values.size()), exact(values), size);
  }

  @Property(tries = 100)
  void aWholeWeightIsThatManyRows(
      @ForAll @Size(min = 2, max = 30) List<@FloatRange(min = -9, max = 9) Float> values,
      @ForAll @Size(30) List<@IntRange(max = 4) Integer> weights) {
    Moments weighted = new Moments(1);
    Moments repeated = new Moments(1);
    for (int i = 0; i < values.size(); i++) {
      weighted.add(new float[] {values.get(i)}, weights.get(i));
      for (int k = 0; k < weights.get(i); k++) {
        repeated.add(new float[] {values.get(i)}, 1);
      }
    }
    if (weights.subList(0, values.size()).stream().anyMatch(weight -> weight > 0)) {
      assertThat(weighted.mean()).isEqualTo(repeated.mean());
      assertThat(weighted.deviation()).isEqualTo(repeated.deviation());
    }
  }

  @Property(tries = 100)
  void theOrderOfTheRowsChangesNoBit(
      @ForAll @Size(min = 2, max = 30) List<@FloatRange(min = -1e6f, max = 1e6f) Float> values,
      @ForAll @Size(30) List<@FloatRange(max = 4) Float> weights) {
    Moments one = new Moments(1);
    Moments other = new Moments(1);
    Moments rest = new Moments(1);
    for (int i = 0; i < values.size(); i++) {
      int last = values.size() - 1 - i;
      one.add(new float[] {values.get(i)}, weights.get(i));
      (i % 3 == 0 ? rest : other).add(new float[] {values.get(last)}, weights.get(last));
    }
    rest.add(other);
    assertThat(rest.mean()).isEqualTo(one.mean());
    assertThat(rest.deviation()).isEqualTo(one.deviation());
  }

  @Test
  void aSmallSpreadFarFromZeroIsNotLost() {
    Moments moments = new Moments(1);
    for (int i = 0; i < 100_000; i++) {
      moments.add(new float[] {10_000_000 + i % 2}, 1);
    }
    assertThat(moments.mean()[0]).isEqualTo(10_000_000.5);
    assertThat(moments.deviation()[0]).isEqualTo(0.5);
  }

  @Test
  void featuresThatFloatsDoNotResolveKeepTheirSize() {
    Moments moments = new Moments(4);
    moments.add(new float[] {3, 1e6f, 0, 1e-20f}, 1);
    moments.add(new float[] {3, Math.nextUp(1e6f), 0, -1e-20f}, 1);
    assertThat(FeatureScaling.constant(moments)).containsExactly(0, 1, 2);
    FeatureScaling scaling = FeatureScaling.of(moments);
    assertThat(scaling.mean()[0]).isEqualTo(3);
    assertThat(scaling.scale()).startsWith(1, 1, 1);
    assertThat(scaling.scale()[3]).isCloseTo(1e-20, within(1e-26));
  }
}
