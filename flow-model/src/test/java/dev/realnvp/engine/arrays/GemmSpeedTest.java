package dev.realnvp.engine.arrays;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class GemmSpeedTest {

  @Test
  void theKernelsHaveANameAndASpeed() {
    GemmSpeed speed = GemmSpeed.measure();
    assertThat(speed.gigaflops()).isPositive();
    String asked = System.getenv("OPENBLAS_CORETYPE");
    if (asked == null || asked.isEmpty()) {
      NativeEnvironment.coretype(Path.of("/proc/cpuinfo"))
          .ifPresentOrElse(
              expected -> assertThat(speed.kernels()).isEqualTo(expected),
              () -> assertThat(speed.kernels()).matches("[A-Z]\\w+"));
    } else {
      assertThat(speed.kernels()).isEqualToIgnoringCase(asked);
    }
  }
}
