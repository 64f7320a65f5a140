package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.jobs.Doctor;
import dev.realnvp.jobs.Jobs;
import dev.realnvp.jobs.TrainFlow;
import dev.realnvp.settings.Defaults;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ends before Spark starts. */
class MainTest {

  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final PrintStream standardErrors = System.err;
  private final PrintStream standardOutput = System.out;

  static Collection<Job<?>> jobs() {
    return Jobs.all().values();
  }

  @BeforeEach
  void capture() {
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void release() {
    System.setErr(standardErrors);
    System.setOut(standardOutput);
  }

  /** What the job says, without what Spark logs once per JVM about its host. */
  private List<String> errorLines() {
    return errors
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.matches("[\\d:]+ WARN .*"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("jobs")
  void helpShowsTheOptionsAndAnExample(Job<?> job) {
    assertThat(Main.execute(job, new String[] {"--help"})).isEqualTo(Main.DONE);
    assertThat(output.toString(StandardCharsets.UTF_8))
        .contains("--run", "--set", "--conf-file", "--overwrite", "Example");
    assertThat(errorLines()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("jobs")
  void anUnknownOptionIsWrongUsage(Job<?> job) {
    assertThat(Main.execute(job, new String[] {"--nonsense"})).isEqualTo(Main.USAGE);
    assertThat(errorLines()).singleElement().asString().contains("--nonsense", "--help");
  }

  @ParameterizedTest
  @MethodSource("jobs")
  void everyJobNamesSettingsThatSayWhatItReadsAndWrites(Job<?> job) {
    // The doctor looks at outputs alone.
    assertThat(job.reads().isEmpty()).isEqualTo(job instanceof Doctor);
    assertThat(job.reads()).allMatch(Defaults.resolved()::hasPath);
    assertThat(job.writes()).isNotEmpty().allMatch(Defaults.resolved()::hasPath);
  }

  @Test
  void anUnknownSettingIsWrongUsage() {
    assertThat(Main.execute(new TrainFlow(), new String[] {"--set", "flow.epoch=1"}))
        .isEqualTo(Main.USAGE);
    assertThat(errorLines())
        .containsExactly(
            "error: unknown setting flow.epoch in --set; the nearest known one is flow.epochs");
  }

  @Test
  void optionsAreSettings() {
    Job<?> job = new TrainFlow();
    Main.commandLine(job)
        .parseArgs("--run", "there", "--overwrite", "--input", "in put", "--features-col", "v");
    assertThat(job.settings().getBoolean("overwrite")).isTrue();
    assertThat(job.settings().getString("paths.embeddings")).isEqualTo("in put");
    assertThat(job.settings().getString("paths.flow")).isEqualTo("there/flow");
    assertThat(job.settings().getString("table.features-col")).isEqualTo("v");
  }

  @Test
  void optionsThatAreNotGivenSetNothing() {
    Job<?> job = new TrainFlow();
    Main.commandLine(job)
        .parseArgs("--set", "overwrite=true", "--set", "skip-invalid=true", "--set", "run=there");
    assertThat(job.settings().getBoolean("overwrite")).isTrue();
    assertThat(job.settings().getBoolean("skip-invalid")).isTrue();
    assertThat(job.settings().getString("run")).isEqualTo("there");
  }
}
