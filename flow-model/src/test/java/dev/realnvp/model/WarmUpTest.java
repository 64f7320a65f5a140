package dev.realnvp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.IUpdater;

class WarmUpTest {

  @Test
  void comesUpStepByStepAndIsThenTheSchedule() {
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
  void goesThroughTheConfigurationsJson() {
    for (Schedule schedule : Schedule.values()) {
      MultiLayerNetwork network = SmallNetwork.linear(new Optimizer(0.1, schedule, 1234, 7, 0.05));
      MultiLayerConfiguration copy =
          MultiLayerConfiguration.fromJson(network.getLayerWiseConfigurations().toJson());
      assertThat(copy).isEqualTo(network.getLayerWiseConfigurations());
    }
  }

  @Test
  void stepsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new Optimizer(1, Schedule.CONSTANT, 1, -1, 0))
        .hasMessage("warm-up steps: got -1, expected at least 0");
    assertThatThrownBy(() -> new WarmUp(new CosineSchedule(1, 1), 0))
        .hasMessage("warm-up steps: got 0, expected at least 1");
  }
}
