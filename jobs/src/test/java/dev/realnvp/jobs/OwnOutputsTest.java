package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import dev.realnvp.jobs.report.Content;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.jobs.report.RunFacts;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A job that reads what other jobs made takes only what was made of this flow and these rows. */
class OwnOutputsTest {

  private final PetsRun run = SharedRuns.pets();

  /** Settings whose outputs lie in a folder of that name. */
  private Config at(String name, String... more) {
    return run.settings(
        Stream.concat(
                Stream.of("flow", "scores", "samples", "evaluation")
                    .filter(kind -> !kind.equals("flow") || name.startsWith("flow of"))
                    .map(kind -> "paths.%s=%s/%s/%s".formatted(kind, run.folder(), name, kind)),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private String id(Config config) throws IOException {
    return Run.of(run.spark(), config).manifest(RunStage.TRAIN_FLOW).orElseThrow().id();
  }

  @Test
  void outputsOfAFlowThatWasTrainedAgainAreNotTakenForTheNewOnes() throws IOException {
    Config config = at("flow of retrained");
    new TrainFlow().run(run.spark(), config);
    new Score().run(run.spark(), config);
    new Sample().run(run.spark(), at("flow of retrained", "sample.neighbours=3"));
    new Evaluate().run(run.spark(), config);
    String before = id(config);
    assertThat(read(config).metrics()).isInstanceOf(Content.Present.class);

    new TrainFlow().run(run.spark(), at("flow of retrained", "seed=2", "overwrite=true"));
    String stale =
        "%s/%s is of flow %s, not of %s in %s: run %s.sh --overwrite"
            .formatted(
                run.folder().resolve("flow of retrained"),
                "%s",
                before,
                id(config),
                config.getString("paths.flow"),
                "%s");
    assertThatThrownBy(
            () -> new Evaluate().run(run.spark(), at("flow of retrained", "overwrite=true")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(stale.formatted("scores", "score"));
    RunFacts facts = read(config);
    assertThat(facts.densities().scores())
        .isEqualTo(new Content.Absent<>(stale.formatted("scores", "score")));
    assertThat(facts.metrics())
        .isEqualTo(new Content.Absent<>(stale.formatted("evaluation", "evaluate")));
    assertThat(facts.pictures())
        .allSatisfy(
            picture ->
                assertThat(picture.notes()).containsExactly(stale.formatted("samples", "sample")));

    new Score().run(run.spark(), at("flow of retrained", "overwrite=true"));
    new Evaluate().run(run.spark(), at("flow of retrained", "overwrite=true"));
    assertThat(read(config).metrics()).isInstanceOf(Content.Present.class);
  }

  private RunFacts read(Config config) throws IOException {
    return new RunReader(Run.of(run.spark(), config)).read();
  }

  @Test
  void scoresOfOtherRowsAreNotThoseOfTheTable() throws IOException {
    new Score().run(run.spark(), at("some rows", "table.where=id < 400"));
    assertThatThrownBy(() -> new Evaluate().run(run.spark(), at("some rows")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "%s is of other rows or labels than %s: score these, with the same options"
                .formatted(
                    at("some rows").getString("paths.scores"), run.folder().resolve("embeddings")));
    Metrics some = new Evaluate().run(run.spark(), at("some rows", "table.where=id < 400"));
    assertThat(some.rows()).isEqualTo(100);

    // Other columns beside them change nothing.
    new Score().run(run.spark(), at("kept", "score.keep=id"));
    assertThat(new Evaluate().run(run.spark(), at("kept")).rows()).isEqualTo(150);
  }

  @Test
  void rowsWithoutLabelsHaveTheFiguresThatNeedNone() throws IOException {
    String table =
        run.runs()
            .write(
                "strangers",
                run.table("embeddings")
                    .selectExpr("id", "split", "if(id % 7 = 0, 'cow', label) label", "embedding"));
    String[] unlabelled = {table, "table.no-label=true", "score.false-alarm-rate=0.1"};
    new Score().run(run.spark(), at("unlabelled", unlabelled));
    Metrics metrics = new Evaluate().run(run.spark(), at("unlabelled", unlabelled));
    assertThat(metrics.figure("test_nll")).isEqualTo(metrics.figure("test_nll_no_label"));
    assertThat(metrics.figure("roundtrip_max_error")).isBetween(1e-9, 1e-2);
    assertThat(metrics.figure("posterior_ece")).isNull();
    assertThat(metrics.classes()).isEmpty();
    assertThat(metrics.figure("false_alarms")).isBetween(0.0, 0.2);

    // Those of a class that the flow does not know have none.
    new Score().run(run.spark(), at("some unknown", table));
    metrics = new Evaluate().run(run.spark(), at("some unknown", table));
    assertThat(metrics.figure("roundtrip_max_error")).isBetween(1e-9, 1e-2);
    assertThat(metrics.classes()).hasSize(3);
  }
}
