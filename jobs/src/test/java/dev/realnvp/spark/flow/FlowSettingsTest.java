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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings reach the network's configuration. */
class FlowSettingsTest {

  private static final TrainingPlan PLAN =
      new TrainingPlan(
          new TrainingSettings(1, 20, 5, 1, Master.AVERAGING, 0, 0, new EarlyStopping(0)),
          1,
          1e-3,
          true,
          Schedule.COSINE,
          0,
          0,
          2,
          20,
          1);

  private static RealNVPConfig network(String settings) {
    return FlowSettings.of(
            ConfigFactory.parseString(settings).withFallback(Defaults.resolved()), 0, PLAN)
        .network(5, 3);
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
        "flow.shared-network = false"
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
  void featuresAreMixedByALinearMapUnlessTheyAreManyOrThePermutationIsAskedFor() {
    assertThat(network("").linear()).isEqualTo(LinearMap.LU);
    assertThat(network("flow.linear = Permutation").linear()).isEqualTo(LinearMap.PERMUTATION);
    assertThat(LinearMap.of(128)).isEqualTo(LinearMap.LU);
    assertThat(LinearMap.of(129)).isEqualTo(LinearMap.PERMUTATION);
  }
}
