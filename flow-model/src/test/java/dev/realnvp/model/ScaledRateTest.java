package dev.realnvp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Learner;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.learning.config.IUpdater;

class ScaledRateTest {

  private static MultiLayerNetwork flow(Schedule schedule) {
    RealNVPConfig shape = RealNVPConfig.builder(4, 2, 2, List.of(3)).seed(1).build();
    return RealNVP.create(shape, new Optimizer(0.01, schedule, 10, 1e-5)).network();
  }

  @ParameterizedTest
  @EnumSource(Schedule.class)
  void everyRateIsScaledAlsoInTheSavedModel(Schedule schedule) throws IOException {
    IUpdater before = new Optimizer(0.01, schedule, 10, 0).updater();
    MultiLayerNetwork network = flow(schedule);

    ScaledRate.scale(network, 0.5);
    ScaledRate.scale(network, 0.25);

    ByteArrayOutputStream saved = new ByteArrayOutputStream();
    ModelStore.write(network, saved);
    MultiLayerNetwork copy = ModelStore.read(new ByteArrayInputStream(saved.toByteArray()));
    for (MultiLayerNetwork scaled : List.of(network, copy)) {
      int trained = 0;
      for (var layer : scaled.getLayers()) {
        for (String name : layer.paramTable().keySet()) {
          IUpdater updater = layer.conf().getLayer().getUpdaterByParam(name);
          if (updater.hasLearningRate()) {
            trained++;
            for (int t : new int[] {0, 3, 9}) {
              assertThat(updater.getLearningRate(t, 0))
                  .isCloseTo(before.getLearningRate(t, 0) / 8, within(1e-18));
            }
          }
        }
      }
      assertThat(trained).isPositive();
      assertThat(Learner.of(scaled)).isPresent();
    }
  }
}
