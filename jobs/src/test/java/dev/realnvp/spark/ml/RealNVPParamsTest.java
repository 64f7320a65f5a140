package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.jobs.cli.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The parameters of the estimator: their ranges, defaults and explanations. */
class RealNVPParamsTest {

  @ParameterizedTest
  @CsvSource({
    "couplings, 0",
    "maxEpochs, -1",
    "batchSize, 0",
    "averagingInterval, -1",
    "patience, -1",
    "numWorkers, -1",
    "inferenceBatch, 0",
    "explanations, 0"
  })
  void numbersOutOfRangeAreRefused(String name, int value) {
    RealNVP estimator = new RealNVP();
    assertThatThrownBy(() -> estimator.set(estimator.getParam(name), value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("%s parameter %s given invalid value %d.", estimator.uid(), name, value);
  }

  @Test
  void otherValuesOutOfRangeAreRefused() {
    RealNVP estimator = new RealNVP();
    assertThatThrownBy(() -> estimator.setHidden()).hasMessageContaining("parameter hidden");
    assertThatThrownBy(() -> estimator.setHidden(8, 0)).hasMessageContaining("parameter hidden");
    assertThatThrownBy(() -> estimator.setMask("even")).hasMessageContaining("parameter mask");
    assertThatThrownBy(() -> estimator.setLinear("x")).hasMessageContaining("parameter linear");
    assertThatThrownBy(() -> estimator.setConditioner("x")).hasMessageContaining("conditioner");
    assertThatThrownBy(() -> estimator.setBase("x")).hasMessageContaining("parameter base");
    assertThatThrownBy(() -> estimator.setSchedule("x")).hasMessageContaining("schedule");
    assertThatThrownBy(() -> estimator.setStepSize(0)).hasMessageContaining("stepSize");
    assertThatThrownBy(() -> estimator.setWarmUpShare(1)).hasMessageContaining("warmUpShare");
    assertThatThrownBy(() -> estimator.setMaxGradientNorm(-1))
        .hasMessageContaining("maxGradientNorm");
    assertThatThrownBy(() -> estimator.setL2(-1)).hasMessageContaining("l2");
    assertThatThrownBy(() -> estimator.setNoise(-1)).hasMessageContaining("noise");
    assertThatThrownBy(() -> estimator.setTrim(-1)).hasMessageContaining("trim");
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
