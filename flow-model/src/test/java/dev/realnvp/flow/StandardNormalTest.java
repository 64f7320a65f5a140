package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class StandardNormalTest {

  @Test
  void logProbIsTheSumOfLogDensities() {
    float[] z = {0, 0, 0, 1, -2, 0.5f};
    double origin = 3 * Math.log(1 / Math.sqrt(2 * Math.PI));
    assertThat(StandardNormal.logProb(z, 0, 3)).isCloseTo(origin, within(1e-12));
    assertThat(StandardNormal.logProb(z, 3, 3)).isCloseTo(origin - 5.25 / 2, within(1e-12));
  }
}
