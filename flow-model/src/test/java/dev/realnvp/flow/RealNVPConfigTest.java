package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.flow.layer.Conditioner;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RealNVPConfigTest {

  static Stream<Arguments> badValues() {
    return Stream.of(
        Arguments.of(1, 0, 1, List.of(3), "features: got 1, expected at least 2"),
        Arguments.of(2, -1, 1, List.of(3), "context: got -1, expected at least 0"),
        Arguments.of(2, 0, 0, List.of(3), "couplings: got 0, expected at least 1"),
        Arguments.of(
            2, 0, 1, List.of(), "hidden: got [], expected at least one size, each at least 1"),
        Arguments.of(
            2,
            0,
            1,
            List.of(3, 0),
            "hidden: got [3, 0], expected at least one size, each at least 1"),
        Arguments.of(
            2,
            0,
            1,
            Arrays.asList(3, null),
            "hidden: got [3, null], expected at least one size, each at least 1"),
        Arguments.of(2, 0, 1, null, "hidden: got null, expected a list of sizes"));
  }

  @ParameterizedTest
  @MethodSource("badValues")
  void valuesOutOfRangeAreRefused(
      int features, int context, int couplings, List<Integer> hidden, String message) {
    assertThatThrownBy(() -> RealNVPConfig.builder(features, context, couplings, hidden).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static RealNVPConfig.Builder builder() {
    return RealNVPConfig.builder(2, 0, 1, List.of(3, 4));
  }

  static Stream<Arguments> badParts() {
    return Stream.of(
        Arguments.of(builder().mask(null), "mask: got null, expected ODD or HALF"),
        Arguments.of(builder().linear(null), "linear: got null, expected PERMUTATION or LU"),
        Arguments.of(builder().conditioner(null), "conditioner: got null, expected MLP or"),
        Arguments.of(
            builder().conditioner(Conditioner.Kind.RESIDUAL),
            "hidden: got [3, 4], expected equal sizes for residual conditioners"),
        Arguments.of(
            builder().base(BaseDistribution.CONDITIONAL),
            "base: got CONDITIONAL, expected NORMAL without a context"));
  }

  @ParameterizedTest
  @MethodSource("badParts")
  void partsThatDoNotFitAreRefused(RealNVPConfig.Builder config, String message) {
    assertThatThrownBy(config::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void masksKeepTheirFeatures() {
    assertThat(CouplingMask.ODD.kept(5)).containsExactly(false, true, false, true, false);
    assertThat(CouplingMask.ODD.complement(5)).containsExactly(true, false, true, false, true);
    assertThat(CouplingMask.HALF.kept(5)).containsExactly(true, true, false, false, false);
    assertThat(CouplingMask.HALF.complement(4)).containsExactly(false, false, true, true);
    assertThatThrownBy(() -> CouplingMask.HALF.kept(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 1");
  }
}
