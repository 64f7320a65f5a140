package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are started twice, both by scripts; {@code ResumeIT} has one of each kind. */
@ExtendWith(LocalSpark.class)
@Tag("nightly")
class TwoWritersIT {

  private static final String IN_USE =
      " is being written by realnvp-spark TrainFlow \\(process \\d+ on host .+, since .+ UTC\\):"
          + " wait for it, or write to another place";

  private final SparkSession spark;

  @TempDir private Path temp;

  TwoWritersIT(SparkSession spark) {
    this.spark = spark;
  }

  @BeforeEach
  void table() {
    SmallTable.write(spark, temp.resolve("run/embeddings"));
  }

  private List<String> command(String script, String... more) {
    List<String> command = new ArrayList<>();
    command.add(Checkout.original().resolve("submit").resolve(script).toString());
    command.addAll(List.of("--master", "local[1]", "--run", "run"));
    command.addAll(List.of(SmallTable.SMALL_FLOW));
    command.addAll(List.of(more));
    return command;
  }

  private ScriptRun run(List<String> command) {
    return ScriptRun.of(temp, Map.of(), command);
  }

  @Test
  void theSecondTrainingIsToldWhoItIsAndADeadOneIsTakenOver() throws Exception {
    List<String> endless = command("train-flow.sh", "--set", "flow.epochs=100000");
    Process first =
        ScriptRun.process(temp, Map.of(), endless)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines = first.inputReader()) {
      assertThat(lines.lines().anyMatch(line -> line.contains(" parameters, batch "))).isTrue();
      CompletableFuture<Long> rest = CompletableFuture.supplyAsync(() -> lines.lines().count());

      assertRefused(run(endless), "error: Output .*/run/flow" + IN_USE);
      assertThat(first.isAlive()).isTrue();
      first.destroyForcibly().waitFor();
      rest.join();
    }
    ScriptRun next = run(command("train-flow.sh"));

    assertThat(next.code()).as(next.err()).isZero();
    assertThat(temp.resolve("run/flow")).isDirectoryContaining("glob:**/model.zip");
    assertThat(temp.resolve("run")).isDirectoryNotContaining("glob:**/.*");
  }

  private static void assertRefused(ScriptRun second, String line) {
    assertThat(second.code()).isEqualTo(3);
    assertThat(second.err().lines().toList()).singleElement().asString().matches(line);
  }

  @Test
  void scoresThatAreStartedTwiceAtOnceAreComplete() {
    assertThat(run(command("train-flow.sh")).code()).isZero();
    List<ScriptRun> both =
        Stream.of(command("score.sh"), command("score.sh"))
            .map(command -> CompletableFuture.supplyAsync(() -> run(command)))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();

    assertThat(both.stream().map(ScriptRun::code)).containsOnlyOnce(0);
    assertThat(both.stream().filter(second -> second.code() != 0))
        .singleElement()
        .satisfies(
            second ->
                // It came when the other one had ended, if the machine is slow.
                assertThat(second.err())
                    .matches("error: Output .*/run/scores (is being written by|exists already).*"));
    assertThat(spark.read().parquet(temp.resolve("run/scores").toString()).count())
        .isEqualTo(SmallTable.ROWS);
    assertThat(temp.resolve("run")).isDirectoryNotContaining("glob:**/.*");
  }
}
