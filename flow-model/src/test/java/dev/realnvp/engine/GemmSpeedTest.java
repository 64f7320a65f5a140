package dev.realnvp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class GemmSpeedTest {

  /** 50 products of 100 x 200 by 200 x 200, two operations a term, five times. */
  @Test
  void theSpeedIsThatOfTheBestTime() {
    Iterator<Long> clock =
        List.of(
                0L,
                9_000_000L,
                10_000_000L,
                12_000_000L,
                12L,
                8_000_012L,
                5L,
                4_000_005L,
                0L,
                1L << 40)
            .iterator();

    GemmSpeed speed = GemmSpeed.measure(clock::next);

    assertThat(speed.gigaflops()).isCloseTo(50 * 2 * 100 * 200 * 200 / 0.002 / 1e9, within(1e-9));
    assertThat(clock).isExhausted();
  }

  @Test
  void theKernelsHaveAName() {
    GemmSpeed speed = GemmSpeed.measure();
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
