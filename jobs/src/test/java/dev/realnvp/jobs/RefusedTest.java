package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.jobs.cli.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/**
 * Settings, tables and columns that jobs refuse: {@code refused.csv} has the line that each ends
 * with. Nothing is written.
 */
@ExtendWith(SharedRuns.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusedTest {

  /** Two columns that might mark anomalies, and features. */
  static final String MARKED =
      "select id, int(id % 20 = 0) label, int(id % 20 = 0) fraud, int(id % 2) w,"
          + " randn(1) f1, randn(2) f2, randn(3) f3 from range(0, 400, 1, 2)";

  private static final Map<String, Supplier<Job<?>>> JOBS =
      Map.of(
          "train-flow", TrainFlow::new,
          "score", Score::new,
          "sample", Sample::new,
          "compare", Compare::new,
          "report", Report::new,
          "export", Export::new);

  private final Runs runs;

  RefusedTest(PetsRun pets) {
    runs = pets.runs();
  }

  @BeforeAll
  void makeTables() throws IOException {
    runs.write("mixed", MixedTableTest.ORDERS);
    runs.write("marked", MARKED);
    runs.write(
        "hollow",
        "select cast(null as string) kind, cast(null as double) n, randn(1) a, randn(2) b"
            + " from range(0, 300, 1, 2)");
    runs.write("empty", "select 'x' kind, 1 a from range(0)");
    runs.write("narrow", "select 1L id, array(1.0f, 2.0f) embedding");
    runs.write(
        "long-names",
        "select id, concat(id % 9, repeat('x', 2000000)) kind, array(randn(1), randn(2)) v"
            + " from range(18)");
    Files.writeString(runs.folder().resolve("mixed.csv"), "a,b,c\n1,2,3\n4,n/a,6\n");
    Files.writeString(runs.folder().resolve("long.csv"), "a,b\n1,2\n3,4,5\n");
    Files.writeString(runs.folder().resolve("array.json"), "[]\n");
    runs.write("scored", "select id, 0.5 log_prob, 3 day from range(9)");
  }

  /**
   * Runs a job on the run of pets.
   *
   * @param code how the job ends: 2 for wrong usage, else 1
   * @param sets the settings, with {@code ;} between them; {@code $} is the folder
   * @param line with {@code ...} for any text
   */
  @ParameterizedTest(name = "{1} {2}")
  @CsvFileSource(resources = "/refused.csv", delimiter = '|')
  void inOneLine(int code, String job, String sets, String line) {
    String[] all = sets.replace("$", runs.folder().toString()).split("; ");
    String expected =
        Arrays.stream(line.replace("$", runs.folder().toString()).split("\\.\\.\\.", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*"));
    runs.with(
            "paths.flow=" + runs.path(job.equals("train-flow") ? "refused" : "flow"),
            "paths.samples=" + runs.path("refused"),
            "paths.scores=" + runs.path("refused"),
            "paths.exported=" + runs.path("refused"))
        .refused(code == 2, JOBS.get(job).get(), "", all)
        .matches(expected);
    assertThat(runs.folder().resolve("refused")).doesNotExist();
  }
}
