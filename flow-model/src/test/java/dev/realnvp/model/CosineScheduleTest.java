package dev.realnvp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CosineScheduleTest {

  /** cos^2(x / 2) = (1 + cos x) / 2: the same curve by another formula. */
  @Property
  void followsTheSquaredCosine(
      @ForAll @DoubleRange(min = 0.01, max = 10) double initial,
      @ForAll @IntRange(min = 1, max = 100_000) int total,
      @ForAll @IntRange(max = 100_000) int iteration) {
    double angle = Math.PI / 2 * Math.min(iteration, total) / total;
    assertThat(new CosineSchedule(initial, total).valueAt(iteration, 7))
        .isCloseTo(initial * Math.pow(Math.cos(angle), 2), within(1e-12 * initial));
  }

  @Test
  void startsAtTheRateIsHalfAtTheMiddleAndStaysAtZeroAfterTheEnd() {
    CosineSchedule schedule = new CosineSchedule(1e-3, 400);
    assertThat(schedule.valueAt(0, 0)).isEqualTo(1e-3);
    assertThat(schedule.valueAt(200, 0)).isCloseTo(5e-4, within(1e-15));
    assertThat(schedule.valueAt(400, 0)).isZero();
    assertThat(schedule.valueAt(4000, 0)).isZero();
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThatThrownBy(() -> new CosineSchedule(-1, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1.0");
    assertThatThrownBy(() -> new CosineSchedule(1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 0, expected at least 1");
  }
}
