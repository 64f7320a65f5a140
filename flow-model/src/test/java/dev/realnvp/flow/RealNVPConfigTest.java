package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.flow.layer.ConditionerKind;
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

  @Test
  void noMaskIsRefused() {
    assertThatThrownBy(() -> RealNVPConfig.builder(2, 0, 1, List.of(3)).mask(null).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("mask: got null, expected ODD or HALF");
  }

  @Test
  void noLinearMapIsRefused() {
    assertThatThrownBy(() -> RealNVPConfig.builder(2, 0, 1, List.of(3)).linear(null).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("linear: got null, expected PERMUTATION or LU");
  }

  @Test
  void residualBlocksOfDifferentSizesAreRefused() {
    RealNVPConfig.Builder config =
        RealNVPConfig.builder(2, 0, 1, List.of(3, 4)).conditioner(ConditionerKind.RESIDUAL);
    assertThatThrownBy(config::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hidden: got [3, 4], expected equal sizes for residual conditioners");
    assertThatThrownBy(() -> config.conditioner(null).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("conditioner: got null, expected MLP or RESIDUAL");
  }

  @Test
  void aBaseThatDependsOnNothingIsRefused() {
    assertThatThrownBy(
            () ->
                RealNVPConfig.builder(2, 0, 1, List.of(3))
                    .base(BaseDistribution.CONDITIONAL)
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("base: got CONDITIONAL, expected NORMAL without a context");
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
