package dev.realnvp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GemmSpeedTest {

  @Test
  void theKernelsHaveANameAndASpeed() {
    GemmSpeed speed = GemmSpeed.measure();
    assertThat(speed.gigaflops()).isPositive().isFinite();
    String asked = System.getenv("OPENBLAS_CORETYPE");
    if (asked == null || asked.isEmpty()) {
      assertThat(speed.kernels()).matches("[A-Z]\\w+");
    } else {
      assertThat(speed.kernels()).isEqualToIgnoringCase(asked);
    }
  }
}
