package dev.realnvp.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.stat.descriptive.rank.Percentile.EstimationType;
import org.junit.jupiter.api.Test;

class DistributionTest {

  /** Skewed, and with ties. */
  private static double[] scores(int count, long seed) {
    Random random = new Random(seed);
    return random.doubles(count).map(u -> Math.rint(-200 * Math.log(u)) / 10 - 30).toArray();
  }

  @Property(tries = 60)
  void quantilesAreThoseOfAnotherImplementation(
      @ForAll @IntRange(min = 2, max = 3000) int count,
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0.01, max = 0.99) double level) {
    double[] scores = scores(count, seed);
    Percentile percentile = new Percentile().withEstimationType(EstimationType.R_7);
    // Between the levels that are kept, thousandths at most.
    double low = percentile.evaluate(scores, Math.max(0.001, level - 0.001) * 100);
    double high = percentile.evaluate(scores, (level + 0.001) * 100);
    Distribution distribution = Distribution.of(scores);
    assertThat(distribution.quantile(level)).isBetween(low - 1e-9, high + 1e-9);
    if (count <= Distribution.MOST) {
      assertThat(distribution.quantile(level))
          .isCloseTo(percentile.evaluate(scores, level * 100), within(1e-9));
    }
    assertThat(distribution.quantile(0)).isEqualTo(Arrays.stream(scores).min().orElseThrow());
    assertThat(distribution.quantile(1)).isEqualTo(Arrays.stream(scores).max().orElseThrow());
  }

  @Test
  void rowsFarBelowAreThoseBeyondTheFence() {
    double[] scores = IntStream.rangeClosed(1, 1000).asDoubleStream().toArray();
    assertThat(Distribution.of(scores).shareBelow(3)).isZero();
    // The quartiles are 250.75 and 750.25, so the fence is at -1248.
    for (int i = 0; i < 50; i++) {
      scores[i] = i < 40 ? -1300 : -1200;
    }
    assertThat(Distribution.of(scores).shareBelow(3)).isCloseTo(0.04, within(0.0011));
  }

  @Property(tries = 60)
  void levelsRiseWithTheScoreAndCountTheRows(
      @ForAll @IntRange(min = 1, max = 3000) int count, @ForAll long seed) {
    double[] scores = scores(count, seed);
    Distribution distribution = Distribution.of(scores);
    double last = 0;
    for (double score = -31; score < 100; score += 0.25) {
      double level = distribution.level(score);
      double at = score;
      double share = Arrays.stream(scores).filter(s -> s <= at).count() / (double) count;
      assertThat(level).isBetween(last, 1.0).isCloseTo(share, within(1.0 / count + 0.0011));
      last = level;
    }
    assertThat(distribution.level(Double.NEGATIVE_INFINITY)).isZero();
    assertThat(distribution.level(Double.POSITIVE_INFINITY)).isOne();
    assertThat(distribution.level(Double.NaN)).isNaN();
  }

  @Property(tries = 60)
  void noMoreOfItsOwnRowsExceedTheThresholdThanAreToAndHardlyFewer(
      @ForAll @IntRange(min = 200, max = 3000) int count,
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0.01, max = 0.5) double rate) {
    double[] scores = new Random(seed).doubles(count).toArray();
    double threshold = Distribution.of(scores).threshold(rate);
    long above = Arrays.stream(scores).filter(s -> s > threshold).count();
    assertThat(above / (double) count).isBetween(rate - 2.0 / count - 0.001, rate + 0.001);
  }

  /** By the rows that there are, each as probable as the others to be above all of those. */
  @Test
  void fewRowsCannotTellASmallRate() {
    double[] scores = new Random(1).doubles(98).toArray();
    assertThat(Distribution.of(scores).threshold(0.01)).isInfinite();
    double[] more = new Random(1).doubles(99).toArray();
    assertThat(Distribution.of(more).threshold(0.01))
        .isEqualTo(Arrays.stream(more).max().orElseThrow());
    assertThat(Distribution.of(new double[] {3}).threshold(0.6)).isEqualTo(3);
  }

  @Test
  void deviationsAreTheNormalOnesOnEachSide() {
    Random random = new Random(2);
    double[] scores = new double[200_000];
    for (int i = 0; i < scores.length; i++) {
      double z = random.nextGaussian();
      scores[i] = 5 + (z < 0 ? 2 * z : 3 * z);
    }
    Distribution distribution = Distribution.of(scores);
    assertThat(distribution.deviationsAbove(5 + 3 * 4)).isCloseTo(4, within(0.05));
    assertThat(distribution.deviationsBelow(5 - 2 * 4)).isCloseTo(4, within(0.05));
    assertThat(distribution.deviationsAbove(5 - 3)).isCloseTo(-1, within(0.05));
    assertThat(distribution.deviationsBelow(5 + 2)).isCloseTo(-1, within(0.05));
    assertThat(distribution.mean()).isCloseTo(5 + Math.sqrt(1 / (2 * Math.PI)), within(0.03));
  }

  @Test
  void fromAConstantAUnitIsADeviation() {
    Distribution constant = Distribution.of(new double[] {2, 2, 2});
    assertThat(constant.deviationsAbove(2)).isZero();
    assertThat(constant.deviationsAbove(2.1)).isCloseTo(0.1, within(1e-9));
    assertThat(constant.deviationsBelow(1)).isOne();
    assertThat(constant.threshold(0.5)).isEqualTo(2);
  }

  /** The outermost of ten scores is four deviations away if all others tie. */
  @Test
  void whereScoresTieFurtherOnesMakeTheDeviation() {
    double[] scores = {0, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8};
    Distribution left = Distribution.of(scores);
    double quantile = 8 * (1 - 0.9772498680518208) * 19;
    assertThat(left.deviationsBelow(0)).isCloseTo(8 / ((8 - quantile) / 2), within(1e-9));
    assertThat(left.deviationsAbove(16)).isEqualTo(left.deviationsBelow(0));
    assertThat(Distribution.of(new double[] {8, 8 - 1e-9, 8, 8 + 1e-9}).deviationsAbove(9)).isOne();
  }

  @Test
  void whatIsNoDistributionIsRefused() {
    for (Runnable wrong :
        List.<Runnable>of(
            () -> new Distribution(0, 0, new double[0]),
            () -> new Distribution(2, 0, new double[] {1}),
            () -> new Distribution(2, 0, null),
            () -> new Distribution(2, 0, new double[] {2, 1}),
            () -> new Distribution(2, 0, new double[] {1, Double.NaN}),
            () -> new Distribution(2, 0, new double[] {Double.NaN, 1}),
            () -> new Distribution(1, Double.NaN, new double[] {1}),
            () -> new Distribution(5000, 0, new double[5000]))) {
      assertThatThrownBy(wrong::run)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("(count|mean|quantiles) of a distribution: got .*, expected .*");
    }
  }
}
