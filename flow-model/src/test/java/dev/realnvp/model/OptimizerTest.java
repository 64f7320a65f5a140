package dev.realnvp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

class OptimizerTest {

  private static final DataSet BATCH =
      new DataSet(
          Nd4j.createFromArray(new double[][] {{1, -2}, {0.5, 3}, {-1, 1}}),
          Nd4j.createFromArray(new double[][] {{1}, {-1}, {2}}));

  /**
   * Adam (in the form of the paper's section 2, with the corrections drawn into the step) with L2
   * in the gradient and the cosine's rate, in plain Java, on a linear regression.
   */
  @Test
  void threeStepsAreThoseOfAdamByTheBook() {
    Optimizer optimizer = new Optimizer(0.1, Schedule.COSINE, 4, 0.05);
    MultiLayerNetwork network = SmallNetwork.linear(optimizer);
    double[] w = network.params().toDoubleVector();
    double[] m = new double[3];
    double[] v = new double[3];
    for (int t = 0; t < 3; t++) {
      double[] g = gradient(w);
      double rate = 0.1 / 2 * (1 + Math.cos(Math.PI * t / 4));
      for (int i = 0; i < 3; i++) {
        g[i] += 0.05 * w[i];
        m[i] = 0.9 * m[i] + 0.1 * g[i];
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
        double step = rate * Math.sqrt(1 - Math.pow(0.999, t + 1)) / (1 - Math.pow(0.9, t + 1));
        w[i] -= step * m[i] / (Math.sqrt(v[i]) + 1e-8);
      }
      network.fit(BATCH);
    }
    assertThat(network.params().toDoubleVector()).containsExactly(w, within(1e-12));
  }

  /** d/dw of the mean over three rows of (x w + b - y)^2; the bias is the last parameter. */
  private static double[] gradient(double[] w) {
    double[] g = new double[3];
    for (int n = 0; n < 3; n++) {
      double[] x = BATCH.getFeatures().getRow(n).toDoubleVector();
      double residual = x[0] * w[0] + x[1] * w[1] + w[2] - BATCH.getLabels().getDouble(n, 0);
      g[0] += 2 * residual * x[0] / 3;
      g[1] += 2 * residual * x[1] / 3;
      g[2] += 2 * residual / 3;
    }
    return g;
  }

  @Test
  void theScoreHoldsNoL2Term() {
    Optimizer with = new Optimizer(0.1, Schedule.CONSTANT, 1, 10);
    Optimizer without = new Optimizer(0.1, Schedule.CONSTANT, 1, 0);
    assertThat(SmallNetwork.linear(with).score(BATCH))
        .isEqualTo(SmallNetwork.linear(without).score(BATCH));
  }

  @Test
  void roundTripsThroughTheNetworksJson() {
    MultiLayerNetwork network =
        SmallNetwork.linear(new Optimizer(0.1, Schedule.COSINE, 1234, 7, 0.05));
    MultiLayerConfiguration conf = network.getLayerWiseConfigurations();
    MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(conf.toJson());
    assertThat(read).isEqualTo(conf);

    MultiLayerNetwork copy = new MultiLayerNetwork(read);
    INDArray parameters = network.params().dup();
    copy.init(parameters, false);
    copy.fit(BATCH);
    network.fit(BATCH);
    assertThat(copy.params()).isEqualTo(network.params());
  }

  /** cos^2(x / 2) = (1 + cos x) / 2: the same curve by another formula. */
  @Property
  void theCosineFollowsItsSquare(
      @ForAll @DoubleRange(min = 0.01, max = 10) double initial,
      @ForAll @IntRange(min = 1, max = 100_000) int total,
      @ForAll @IntRange(max = 100_000) int iteration) {
    double angle = Math.PI / 2 * Math.min(iteration, total) / total;
    assertThat(new CosineSchedule(initial, total).valueAt(iteration, 7))
        .isCloseTo(initial * Math.pow(Math.cos(angle), 2), within(1e-12 * initial));
  }

  @Test
  void theWarmUpComesUpStepByStepAndIsThenTheSchedule() {
    IUpdater constant = new Optimizer(0.8, Schedule.CONSTANT, 100, 4, 0).updater();
    double[] expected = {0.2, 0.4, 0.6, 0.8, 0.8};
    for (int t = 0; t < expected.length; t++) {
      assertThat(constant.getLearningRate(t, 0)).isCloseTo(expected[t], within(1e-12));
    }
    IUpdater cosine = new Optimizer(0.8, Schedule.COSINE, 100, 4, 0).updater();
    IUpdater without = new Optimizer(0.8, Schedule.COSINE, 100, 0).updater();
    assertThat(cosine.getLearningRate(1, 0))
        .isCloseTo(without.getLearningRate(1, 0) / 2, within(1e-12));
    assertThat(cosine.getLearningRate(50, 0)).isEqualTo(without.getLearningRate(50, 0));
    assertThat(cosine.getLearningRate(100, 0)).isZero();
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThatThrownBy(() -> new Optimizer(Double.NaN, Schedule.CONSTANT, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("learning rate: got NaN, expected a finite value > 0");
    assertThatThrownBy(() -> new Optimizer(1, null, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("schedule");
    assertThatThrownBy(() -> new Optimizer(1, Schedule.COSINE, -3, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-3");
    assertThatThrownBy(() -> new Optimizer(1, Schedule.COSINE, 1, -0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("l2: got -0.5, expected a finite value >= 0");
    assertThatThrownBy(() -> new Optimizer(1, Schedule.CONSTANT, 1, -1, 0))
        .hasMessage("warm-up steps: got -1, expected at least 0");
    assertThatThrownBy(() -> new WarmUp(new CosineSchedule(1, 1), 0))
        .hasMessage("warm-up steps: got 0, expected at least 1");
    assertThatThrownBy(() -> new CosineSchedule(-1, 5)).hasMessageContaining("-1.0");
    assertThatThrownBy(() -> new CosineSchedule(1, 0))
        .hasMessageContaining("got 0, expected at least 1");
  }
}
