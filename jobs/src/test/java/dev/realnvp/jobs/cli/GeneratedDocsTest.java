package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.jobs.ExampleOrders;
import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.ml.RealNVP;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.param.Param;
import org.junit.jupiter.api.Test;

/**
 * The pages and the example that are made of the code are those that it makes now. With {@code
 * -Ddocs.update=true} they are written instead of compared.
 */
class GeneratedDocsTest {

  private static final Path DOCS = Repository.ROOT.resolve("docs");

  private static void check(Path page, String expected) throws IOException {
    if (Boolean.getBoolean("docs.update")) {
      Files.createDirectories(page.getParent());
      Files.writeString(page, expected);
    }
    assertThat(page)
        .as("made anew by the command for generated pages in CONTRIBUTING.md")
        .hasContent(expected);
  }

  @Test
  void settings() throws IOException {
    check(DOCS.resolve("settings.md"), SettingsPage.render());
  }

  @Test
  void parametersOfSparkMl() throws IOException {
    RealNVP estimator = new RealNVP();
    StringBuilder page =
        new StringBuilder(
            """
            # Parameters of Spark ML's RealNVP

            Generated from [conf/pipeline.conf](../conf/pipeline.conf) and `parameters.conf` of the stages. `RealNVPModel` has the names of the features', the
            context's and the added columns, `falseAlarmRate`, `explanations`, `handleInvalid` and `inferenceBatch` too.

            | parameter | default | meaning |
            | --- | --- | --- |
            """);
    for (Param<?> param : estimator.params()) {
      Object value = estimator.hasDefault(param) ? estimator.getOrDefault(param) : "";
      String shown = value instanceof int[] sizes ? Arrays.toString(sizes) : value.toString();
      page.append(
          "| `%s` | %s | %s |\n"
              .formatted(
                  param.name(),
                  shown.isEmpty() ? "" : "`" + shown + "`",
                  param.doc().replace("|", "\\|").replace("<", "\\<")));
    }
    check(DOCS.resolve("spark-ml-parameters.md"), page.toString());
  }

  @Test
  void everySettingHasADefaultAndAMeaning() {
    List<String> rows =
        SettingsPage.render().lines().filter(line -> line.startsWith("| `")).toList();
    assertThat(rows)
        .hasSameSizeAs(Defaults.resolved().entrySet())
        .allMatch(row -> row.matches("\\| `[a-z.0-9-]+` \\| `.+` \\| [^|]* \\| \\S.* \\| .*\\|"));
    assertThat(rows)
        .contains(
            "| `flow.couplings` | `9` | a whole number of at least 1 | Number of couplings. | `int couplings` |")
        .anyMatch(
            row -> row.startsWith("| `paths.flow` | `\"${run}/flow\"` |  | Where each stage"));
  }

  @Test
  void exampleOrders() throws IOException {
    check(Repository.ROOT.resolve("examples/orders.csv"), ExampleOrders.csv());
  }

  @Test
  void jobs() throws IOException {
    Path folder = DOCS.resolve("jobs");
    for (Map.Entry<String, Job<?>> job : Repository.jobs().entrySet()) {
      check(
          folder.resolve(job.getKey().replace(".sh", ".md")),
          JobPage.render(job.getKey(), job.getValue()));
    }
    try (var pages = Files.list(folder)) {
      assertThat(pages).hasSameSizeAs(Repository.jobs().keySet());
    }
  }
}
