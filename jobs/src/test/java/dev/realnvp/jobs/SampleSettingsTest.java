package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.table.LabelNames;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that sampling refuses, before it writes anything. */
@ExtendWith(SharedRuns.class)
class SampleSettingsTest {

  private final PetsRun run;

  SampleSettingsTest(PetsRun run) {
    this.run = run;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sample.counts=cow=3 | sample.counts: expected classes of cat, dog, fox",
        "sample.counts=3=3 | sample.counts: expected classes of cat, dog, fox",
        "sample.counts=cat | sample.counts: expected CLASS=N, separated by commas, such as"
            + " 0=100,3=5000",
        "sample.counts=cat=1,0=1 | sample.counts: expected class 0 once",
        "sample.counts=cat=-1 | sample.counts: expected a whole number of at least 1 for class cat",
        "sample.counts=cat=1.5 | sample.counts: expected a whole number of at least 1 for class cat",
        "sample.per-class=0 | sample.per-class: expected a whole number of at least 1",
        "sample.neighbours=-1 | sample.neighbours: expected a whole number of at least 0",
        "sample.temperature=0 | sample.temperature: expected a number above 0",
        "sample.temperature=-1 | sample.temperature: expected a number above 0",
      })
  void namesTheSettingThatCannotBe(String set, String message) {
    assertThatThrownBy(() -> run.sample("refused", set))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("setting " + message + "; got ");
    assertThat(run.folder().resolve("refused")).doesNotExist();
  }

  @Test
  void aClassIsNamedInAnyUnicodeForm() {
    Config config = Settings.load(null, List.of("sample.counts=cafe\u0301=3"), Map.of());
    assertThat(SampleSize.of(config, 2, new LabelNames(List.of("bar", "caf\u00e9"))).count(1))
        .isEqualTo(3);
  }
}
