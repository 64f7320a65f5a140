package dev.realnvp.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class ScaleTest {

  @Property
  void aFewTicksLieWithinTheScaleAndAreToldApart(
      @ForAll @DoubleRange(min = -1e6, max = 1e6) double low,
      @ForAll @DoubleRange(min = -3, max = 6) double exponent) {
    double high = low + Math.pow(10, exponent);
    for (Scale scale : List.of(Scale.between("", low, high), Scale.around("", low, high))) {
      List<Double> ticks = scale.ticks();
      assertThat(ticks).hasSizeBetween(2, 9).isSorted();
      double slack = 1e-3 * scale.step();
      labels(scale);
      assertThat(ticks)
          .allMatch(tick -> tick >= scale.low() - slack && tick <= scale.high() + slack);
    }
    Scale around = Scale.around("", low, high);
    assertThat(around.share(low)).isBetween(-1e-9, 0.5);
    assertThat(around.share(high)).isBetween(0.5, 1 + 1e-9);
  }

  @Test
  void ticksAreRoundNumbers() {
    assertThat(labels(Scale.around("loss", 0.0813, 0.2271)))
        .containsExactly("0.05", "0.10", "0.15", "0.20", "0.25");
    assertThat(labels(Scale.between("nats", -60, 20)))
        .containsExactly("-60", "-40", "-20", "0", "20");
    assertThat(labels(Scale.whole("epoch", 1, 1))).containsExactly("1", "2");
    assertThat(labels(Scale.whole("epoch", 1, 20))).containsExactly("5", "10", "15", "20");
    assertThat(labels(Scale.between("", 0, 3e6))).contains("1e6");
  }

  private static List<String> labels(Scale scale) {
    List<String> labels = scale.ticks().stream().map(scale::label).toList();
    assertThat(new HashSet<>(labels)).hasSameSizeAs(labels);
    return labels;
  }

  @Test
  void allTheSameValueHasAScaleToo() {
    Scale scale = Scale.around("", 7, 7);
    assertThat(scale.share(7)).isBetween(0.0, 1.0);
    assertThat(Scale.around("", 0, 0).share(0)).isCloseTo(0, within(1e-9));
  }
}
