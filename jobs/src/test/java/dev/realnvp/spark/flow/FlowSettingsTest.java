package dev.realnvp.spark.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.realnvp.flow.LinearMap;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.Schedule;
import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.training.EarlyStopping;
import dev.realnvp.spark.training.Master;
import dev.realnvp.spark.training.TrainingPlan;
import dev.realnvp.spark.training.TrainingSettings;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings reach the network's configuration. */
class FlowSettingsTest {

  private static final TrainingPlan PLAN =
      new TrainingPlan(
          new TrainingSettings(1, 20, 5, 1, Master.AVERAGING, 0, 0, new EarlyStopping(0)),
          new TrainingPlan.Usual(1, 1, 0, 0),
          1e-3,
          true,
          Schedule.COSINE,
          0,
          OptionalDouble.of(0),
          2,
          20,
          1);

  private static FlowSettings settings(String settings) {
    return FlowSettings.of(
        ConfigFactory.parseString(settings).withFallback(Defaults.resolved()), 0, PLAN);
  }

  private static RealNVPConfig network(String settings) {
    return settings(settings).network(5, 3, 60_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "flow.class-embedding = 2",
        "flow.couplings = 2",
        "flow.hidden = [3]",
        "flow.coupling = spline",
        "flow.mask = half",
        "flow.permute = false",
        "flow.linear = permutation",
        "flow.batch-norm = false",
        "flow.shared-network = false",
        "flow.trim = 2"
      })
  void everySettingOfTheStructureChangesIt(String setting) {
    assertThat(network(setting)).isNotEqualTo(network(""));
  }

  /** What a program gets that leaves the rest to the builder. */
  @Test
  void theBuildersDefaultsAreTheJobs() {
    RealNVPConfig made = network("");
    assertThat(
            RealNVPConfig.builder(5, 3, made.couplings(), made.hidden()).seed(made.seed()).build())
        .isEqualTo(made);
  }

  @Test
  void onlyMoreClassesThanItHasValuesGetAnEmbedding() {
    assertThat(network("flow.class-embedding = 2").embedding()).isEqualTo(2);
    assertThat(network("flow.class-embedding = 3").embedding()).isZero();
  }

  @Test
  void fewRowsHaveNoBatchNormIfAnythingElseScalesFeatures() {
    assertThat(settings("").network(5, 3, 59_999).batchNorm()).isFalse();
    assertThat(settings("flow.batch-norm = true").network(5, 3, 100).batchNorm()).isTrue();
    assertThat(settings("").network(129, 3, 100).batchNorm()).isTrue();
    assertThat(settings("flow.linear = permutation").network(5, 3, 100).batchNorm()).isTrue();
  }

  @Test
  void fewRowsAreTrimmed() {
    assertThat(settings("").network(5, 3, 59_999).trim()).isEqualTo(3);
    assertThat(settings("").network(5, 3, 60_000).trim()).isZero();
    assertThat(settings("flow.trim = 2").network(5, 3, 60_000).trim()).isEqualTo(2);
    assertThat(settings("flow.trim = 0").network(5, 3, 100).trim()).isZero();
  }

  @Test
  void noiseFadesAsRowsBecomeMany() {
    assertThat(settings("").noise(12, 900)).isEqualTo(0.2);
    assertThat(settings("").noise(12, 3_600)).isEqualTo(0.1);
    assertThat(settings("").noise(12, 60_000)).isZero();
    assertThat(settings("").noise(12, 10)).isEqualTo(0.5);
    assertThat(settings("flow.noise = 0.1").noise(12, 100_000)).isEqualTo(0.1);
    assertThat(settings("flow.noise = 0").noise(12, 10)).isZero();
  }

  @Test
  void batchNormTakesWhatHoconTakesForTruth() {
    assertThat(settings("flow.batch-norm = yes").network(5, 3, 100).batchNorm()).isTrue();
    assertThat(settings("flow.batch-norm = off").network(5, 3, 60_000).batchNorm()).isFalse();
  }

  @Test
  void noiseThatCannotBeAddedIsNamed() {
    assertThat(settings("flow.noise = 0.1").noiseTrouble()).isEmpty();
    assertThat(settings("flow.standardize = false").noiseTrouble()).isEmpty();
    assertThat(settings("flow.standardize = false, flow.noise = 0.1").noiseTrouble())
        .hasValue("features that are not standardised");
  }

  @Test
  void featuresAreMixedByALinearMapUnlessTheyAreManyOrThePermutationIsAskedFor() {
    assertThat(network("").linear()).isEqualTo(LinearMap.LU);
    assertThat(network("flow.linear = Permutation").linear()).isEqualTo(LinearMap.PERMUTATION);
    assertThat(LinearMap.of(128)).isEqualTo(LinearMap.LU);
    assertThat(LinearMap.of(129)).isEqualTo(LinearMap.PERMUTATION);
  }
}
