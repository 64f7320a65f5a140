package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A page's commands on images, and on what comes of them, do what they say. */
@Tag("nightly")
@ExtendWith(LocalSpark.class)
class ShownImageCommandsTest {

  private static final String DATA = "src/test/resources/fashion-mnist-1000";

  private static final Pattern PLACE =
      Pattern.compile("runs/.+|compared|threes|scored|flow(\\.npz)?|table\\.parquet");

  private final SparkSession spark;

  @TempDir private Path folder;

  private ShownCommands commands;

  ShownImageCommandsTest(SparkSession spark) {
    this.spark = spark;
  }

  @BeforeEach
  void placeCommands() {
    commands = new ShownCommands(spark, this::placed);
  }

  private String inFolder(String name) {
    return folder.resolve(name).toString();
  }

  private long rows(String table) {
    return table(table).count();
  }

  private Dataset<Row> table(String name) {
    return spark.read().parquet(inFolder(name) + "/*.parquet");
  }

  private String twoImages() {
    return table("run/images").limit(2).collectAsList().stream()
        .map(row -> row.getAs("id").toString())
        .collect(Collectors.joining(","));
  }

  /** As many as there are images. */
  private void assertComplete(String scores) {
    assertThat(rows(scores)).isEqualTo(rows("run/images")).isPositive();
  }

  /** All data is the same; a test has one run of it, and takes that for most others too. */
  private String placed(String word) {
    return switch (word) {
      case "data/mnist", "data/fashion", "folder/of/images" -> DATA;
      case "new.parquet" -> inFolder("run/embeddings");
      case "runs/other/scores" -> inFolder("scored");
      case "17,4711" -> twoImages();
      case "3=5000" -> "3=50";
      default ->
          PLACE.matcher(word).matches()
              ? inFolder(word.replaceFirst("^runs/(?!fashion)\\w+", "run"))
              : word;
    };
  }

  private static Predicate<ShownCommand> names(String run) {
    return command -> command.words().stream().anyMatch(word -> word.startsWith(run));
  }

  @Test
  void ofTheTutorial() throws IOException {
    assertThat(commands.run("docs/tutorial.md", names("runs/digits").or(names("runs/fashion"))))
        .containsExactly("submit/pipeline.sh", "submit/ingest.sh", "submit/evaluate.sh");
    assertComplete("run/scores");
    assertThat(folder.resolve("run/samples/grid.png")).isNotEmptyFile();
    assertThat(Files.readString(folder.resolve("run/against-fashion/metrics.json")))
        .contains("\"against\"", "\"gaussian\"", "\"reconstruction_error\"");
  }

  /** Whether it names a column that embeddings of images do not have. */
  private static boolean isOfTables(ShownCommand command) {
    return command.words().stream().anyMatch(List.of("--anomaly-col", "--newer-by")::contains);
  }

  @Test
  void ofThePagesOfTheJobs() throws IOException {
    Predicate<ShownCommand> ofImages =
        names("runs/mine").or(names("runs/a")).and(command -> !isOfTables(command));
    List<String> scripts = new ArrayList<>();
    for (String job :
        List.of(
            "ingest",
            "train-ae",
            "train-classifier",
            "extract-embeddings",
            "train-flow",
            "score",
            "sample",
            "evaluate",
            "report",
            "export")) {
      scripts.addAll(commands.run("docs/jobs/" + job + ".md", ofImages));
    }
    assertThat(scripts).hasSize(16);
    assertComplete("scored");
    assertThat(rows("threes")).isEqualTo(50);
    assertThat(rows("run/samples/neighbours")).isPositive();
    assertThat(folder.resolve("compared/metrics.json")).isNotEmptyFile();
    assertThat(folder.resolve("run/report/index.html")).isNotEmptyFile();

    for (String job : List.of("import", "pipeline")) {
      commands.run("docs/jobs/" + job + ".md", names("runs/mine"), "--set", "overwrite=true");
    }
    assertComplete("run/scores");
  }
}
