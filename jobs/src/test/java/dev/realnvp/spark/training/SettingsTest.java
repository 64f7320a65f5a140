package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.training.rows.Minibatches;
import org.junit.jupiter.api.Test;

class SettingsTest {

  @Test
  void stepsFollowTheLargestWorker() {
    long[] sizes = {0, 101, 40};

    assertThat(Minibatches.stepsPerEpoch(sizes, 20)).isEqualTo(6);
    assertThat(Minibatches.totalSteps(sizes, 20, 3)).isEqualTo(18);
    assertThat(Minibatches.totalSteps(new long[] {Integer.MAX_VALUE}, 1, 4))
        .isEqualTo(4L * Integer.MAX_VALUE);
    assertThat(Minibatches.stepsPerEpoch(new long[] {0, 0}, 20)).isZero();
  }
}
