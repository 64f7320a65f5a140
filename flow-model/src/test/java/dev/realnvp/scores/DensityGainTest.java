package dev.realnvp.scores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.Random;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.inference.TTest;
import org.junit.jupiter.api.Test;

class DensityGainTest {

  /** The gain over its error is the statistic of the paired t-test. */
  @Test
  void isThatOfThePairedTest() {
    Random random = new Random(1);
    double[] flow = random.doubles(500).map(u -> -10 + 3 * random.nextGaussian()).toArray();
    double[] other = new double[500];
    for (int i = 0; i < 500; i++) {
      other[i] = flow[i] - 0.2 + random.nextGaussian();
    }
    DensityGain gain = DensityGain.of(flow, other).orElseThrow();
    assertThat(gain.gain() / gain.error())
        .isCloseTo(new TTest().pairedT(flow, other), within(1e-9));
    assertThat(gain.gain()).isCloseTo(StatUtils.mean(flow) - StatUtils.mean(other), within(1e-12));
    assertThat(gain.nll()).isCloseTo(-StatUtils.mean(other), within(1e-12));
    assertThat(gain.rows()).isEqualTo(500);
    assertThat(gain.better()).isBetween(0.5, 0.7);
    double[] differences = new double[500];
    Arrays.setAll(differences, i -> flow[i] - other[i]);
    assertThat(gain.median()).isCloseTo(StatUtils.percentile(differences, 50), within(1e-12));
    assertThat(DensityGain.of(other, flow).orElseThrow().gain())
        .isCloseTo(-gain.gain(), within(1e-12));
  }

  /** The error is the deviation of the gains of many independent tables. */
  @Test
  void theErrorIsThatOfIndependentTables() {
    Random random = new Random(2);
    double[] gains = new double[400];
    double error = 0;
    for (int i = 0; i < gains.length; i++) {
      double[] flow = random.doubles(100).map(u -> random.nextGaussian()).toArray();
      DensityGain gain = DensityGain.of(flow, new double[100]).orElseThrow();
      gains[i] = gain.gain();
      error += gain.error() / gains.length;
    }
    assertThat(error).isCloseTo(Math.sqrt(StatUtils.variance(gains)), withinPercentage(12));
  }

  @Test
  void rowsWithoutADensityUnderOneCountAgainstIt() {
    double[] flow = {1, Double.NaN, 3, 5, Double.NEGATIVE_INFINITY, Double.NaN};
    double[] other = {0, 0, 0, Double.NEGATIVE_INFINITY, 0, Double.NaN};
    DensityGain gain = DensityGain.of(flow, other).orElseThrow();
    assertThat(gain).isEqualTo(new DensityGain(2, -0.0, 2, 1, 2, 0.6, 2, 1));
    assertThat(DensityGain.of(new double[] {1}, new double[] {0})).isEmpty();
  }
}
