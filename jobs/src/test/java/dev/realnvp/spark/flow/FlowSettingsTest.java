package dev.realnvp.spark.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.realnvp.flow.BaseDistribution;
import dev.realnvp.flow.CouplingMask;
import dev.realnvp.flow.CouplingTransform;
import dev.realnvp.flow.LinearMap;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.flow.layer.Conditioner;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.Schedule;
import dev.realnvp.settings.Defaults;
import dev.realnvp.settings.Range;
import dev.realnvp.spark.training.Master;
import dev.realnvp.spark.training.TrainingPlan;
import dev.realnvp.spark.training.TrainingSettings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings reach the network's configuration. */
class FlowSettingsTest {

  static final TrainingPlan PLAN =
      new TrainingPlan(
          new TrainingSettings(1, 20, 5, 1, Master.AVERAGING, 0, 0, 0),
          new TrainingPlan.Usual(1, 1, 1, 1, 0, 0),
          1e-3,
          true,
          Schedule.COSINE,
          0,
          OptionalDouble.of(0),
          Double.POSITIVE_INFINITY,
          2,
          0,
          20,
          1);

  private static FlowSettings settings(String settings) {
    return FlowSettings.of(
        ConfigFactory.parseString(settings).withFallback(Defaults.resolved()), 0, PLAN);
  }

  private static RealNVPConfig network(String settings, int features, int classes, long rows) {
    return settings(settings).network(features, classes, rows, Optional.empty());
  }

  private static RealNVPConfig network(String settings) {
    return network(settings, 5, 3, 60_000);
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
        "flow.conditioner = residual",
        "flow.activation-norm = true",
        "flow.base = conditional",
        "flow.shared-network = false",
        "flow.trim = 2"
      })
  void everySettingOfTheStructureChangesIt(String setting) {
    assertThat(network(setting)).isNotEqualTo(network(""));
  }

  private static void assertWords(String key, Enum<?>... constants) {
    assertThat(Range.of(key).orElseThrow().expected())
        .isEqualTo("one of " + Arrays.toString(constants).toLowerCase(Locale.ROOT));
  }

  @Test
  void theWordsOfASettingAreThoseThatThereAre() {
    assertWords("flow.schedule", Schedule.values());
    assertWords("flow.conditioner", Conditioner.Kind.values());
    assertWords("flow.base", BaseDistribution.values());
    assertWords("flow.mask", CouplingMask.values());
    assertWords("train.training-master", Master.values());
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
  void fewRowsAndRowsWithoutClassesHaveNoBatchNormIfAnythingElseScalesFeatures() {
    assertThat(network("", 5, 3, 60_000).batchNorm()).isTrue();
    assertThat(network("", 5, 0, 60_000).batchNorm()).isFalse();
    assertThat(network("", 129, 0, 60_000).batchNorm()).isTrue();
    assertThat(network("", 5, 3, 59_999).batchNorm()).isFalse();
    assertThat(network("flow.batch-norm = true", 5, 3, 100).batchNorm()).isTrue();
    assertThat(network("", 129, 3, 100).batchNorm()).isTrue();
    assertThat(network("flow.linear = permutation", 5, 3, 100).batchNorm()).isTrue();
  }

  @Test
  void veryManyRowsHaveSplines() {
    assertThat(network("", 5, 3, 999_999).coupling()).isEqualTo(CouplingTransform.AFFINE);
    assertThat(network("", 5, 3, 1_000_000).coupling()).isEqualTo(CouplingTransform.SPLINE);
    assertThat(network("flow.coupling = Affine", 5, 3, 1_000_000).coupling())
        .isEqualTo(CouplingTransform.AFFINE);
  }

  @ParameterizedTest
  @CsvSource({"small, 59_999", "default, 60_000", "large, 1_000_000"})
  void aPresetTakesTheTableForOneOfTheNearestSizeThatItIsFor(String preset, String nearest) {
    long rows = Long.parseLong(nearest.replace("_", ""));
    FlowSettings set = settings("flow.preset = " + preset);
    for (long other : new long[] {700, 100_000, 5_000_000}) {
      if (Preset.of(other) != Preset.of(rows)) {
        long like = set.usualFor(other);
        assertThat(Preset.of(like)).isEqualTo(Preset.of(rows));
        assertThat(set.network(5, 3, other, Optional.empty())).isEqualTo(network("", 5, 3, like));
        assertThat(set.noise(5, other)).isEqualTo(settings("").noise(5, like));
      } else {
        assertThat(set.usualFor(other)).isEqualTo(other);
      }
    }
    assertThat(set.usualFor(preset.equals("small") ? 5_000_000 : 700)).isEqualTo(rows);
  }

  @Test
  void theNotebooksFlowIsAFileAway() {
    Config notebook = Settings.load(Path.of("..", "conf", "notebook.conf"), List.of(), Map.of());
    for (long rows : new long[] {700, 60_000, 5_000_000}) {
      assertThat(FlowSettings.of(notebook, 0, PLAN).network(20, 10, rows, Optional.empty()))
          .isEqualTo(
              RealNVPConfig.builder(20, 10, 9, List.of(200, 200))
                  .linear(LinearMap.PERMUTATION)
                  .seed(1)
                  .build());
    }
  }

  @Test
  void theBaseDependsOnWhatThereIs() {
    FlowSettings conditional = settings("flow.base = conditional, flow.class-embedding = 2");
    assertThat(conditional.network(5, 0, 100, Optional.empty()).base())
        .isEqualTo(BaseDistribution.NORMAL);
    assertThat(conditional.network(5, 3, 100, Optional.empty()).base())
        .isEqualTo(BaseDistribution.CONDITIONAL);
    assertThat(conditional.network(5, 3, 100, Optional.empty()).embedding()).isEqualTo(2);
  }

  @Test
  void residualBlocksAreOfOneSize() {
    assertThat(settings("flow.conditioner = residual").hiddenTrouble()).isEmpty();
    assertThat(settings("flow.hidden = [8, 4]").hiddenTrouble()).isEmpty();
    assertThat(settings("flow.conditioner = residual, flow.hidden = [8, 4]").hiddenTrouble())
        .hasValue("equal sizes with residual conditioners");
  }

  @Test
  void fewRowsWithoutClassesAreTrimmed() {
    assertThat(network("", 10, 0, 59_999).trim()).isEqualTo(3);
    assertThat(network("", 10, 3, 59_999).trim()).isZero();
    // Of two features -log p is exponential, with the quartiles log 4/3 and log 4, and log 1000.
    assertThat(network("", 2, 0, 59_999).trim())
        .isCloseTo((Math.log(1000) - Math.log(4)) / Math.log(3), within(1e-9));
    assertThat(network("", 5, 3, 60_000).trim()).isZero();
    assertThat(network("flow.trim = 2", 5, 3, 60_000).trim()).isEqualTo(2);
    assertThat(network("flow.trim = 0", 5, 3, 100).trim()).isZero();
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
    assertThat(network("flow.batch-norm = yes", 5, 3, 100).batchNorm()).isTrue();
    assertThat(network("flow.batch-norm = off", 5, 3, 60_000).batchNorm()).isFalse();
  }

  @Test
  void noiseThatCannotBeAddedIsNamed() {
    assertThat(settings("flow.noise = 0.1").noiseConflict()).isEmpty();
    assertThat(settings("flow.standardize = false").noiseConflict()).isEmpty();
    assertThat(settings("flow.standardize = false, flow.noise = 0.1").noiseConflict())
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
