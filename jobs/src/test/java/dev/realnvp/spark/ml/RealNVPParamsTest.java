package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.jobs.cli.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The parameters of the estimator: their ranges, defaults and explanations. */
class RealNVPParamsTest {

  /** One of each type: the ranges are those of the settings. */
  @Test
  void valuesOutOfRangeAreRefused() {
    RealNVP estimator = new RealNVP();
    assertThatThrownBy(() -> estimator.setCouplings(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("%s parameter couplings given invalid value 0.", estimator.uid());
    assertThatThrownBy(() -> estimator.setExplanations(0)).hasMessageContaining("explanations");
    assertThatThrownBy(() -> estimator.setHidden()).hasMessageContaining("parameter hidden");
    assertThatThrownBy(() -> estimator.setHidden(8, 0)).hasMessageContaining("parameter hidden");
    assertThatThrownBy(() -> estimator.setMask("even")).hasMessageContaining("parameter mask");
    assertThatThrownBy(() -> estimator.setStepSize(0)).hasMessageContaining("stepSize");
    assertThatThrownBy(() -> estimator.setNoise(-1)).hasMessageContaining("noise");
    assertThatThrownBy(() -> estimator.setHandleInvalid("keep"))
        .hasMessageContaining("handleInvalid");
  }

  @Test
  void defaultsAreThoseOfTheJobs() {
    com.typesafe.config.Config defaults = Settings.load(null, List.of(), Map.of());
    RealNVP estimator = new RealNVP();
    assertThat(estimator.getCouplings()).isEqualTo(defaults.getInt("flow.couplings"));
    assertThat(estimator.getHidden())
        .containsExactly(
            defaults.getIntList("flow.hidden").stream().mapToInt(Integer::intValue).toArray());
    assertThat(estimator.getStepSize()).isEqualTo(defaults.getDouble("flow.learning-rate"));
    assertThat(estimator.getSeed()).isEqualTo(defaults.getLong("seed"));
    assertThat(List.of(estimator.l2(), estimator.noise(), estimator.trim(), estimator.batchNorm()))
        .as("follow from the number of rows")
        .noneMatch(estimator::isDefined);
  }

  @Test
  void everyParameterIsExplained() {
    RealNVP estimator = new RealNVP().setCouplings(3);
    String explained = estimator.explainParams();
    assertThat(estimator.params()).hasSizeGreaterThan(25);
    Arrays.stream(estimator.params())
        .forEach(param -> assertThat(explained).contains(param.name() + ": " + param.doc()));
    assertThat(estimator.explainParam(estimator.couplings()))
        .isEqualTo(
            "couplings: Number of couplings. Values: a whole number of at least 1. (default: 9, current: 3)");
    assertThat(estimator.l2().doc())
        .endsWith("Values: a number of at least 0; auto if it is not set.");
    assertThat(estimator.setHidden(50, 20).explainParam(estimator.hidden()))
        .endsWith("(default: [200, 200], current: [50, 20])");
  }
}
