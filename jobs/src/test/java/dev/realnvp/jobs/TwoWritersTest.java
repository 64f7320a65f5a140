package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.images.ExtractEmbeddings;
import dev.realnvp.jobs.images.Ingest;
import dev.realnvp.jobs.images.TrainAutoencoder;
import dev.realnvp.jobs.images.TrainClassifier;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.spark.FaultyDisk;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.storage.OutputInUseException;
import dev.realnvp.spark.storage.OutputLease;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A job whose output another writer has does no work, and leaves nothing. */
class TwoWritersTest {

  @TempDir private Path run;

  private Runs runs;
  private Configuration hadoop;

  @BeforeEach
  void start() {
    // No input is there: a job that begins to work says so.
    runs = Runs.in(run, "ingest.data=" + run.resolve("none"));
    hadoop = LocalSpark.session().sparkContext().hadoopConfiguration();
  }

  /** Runs the job as another writer than this thread. */
  private void assertRefused(Job<?> job, String named) {
    Throwable thrown =
        CompletableFuture.supplyAsync(() -> catchThrowable(() -> runs.run(job, ""))).join();
    assertThat(thrown)
        .as(job.getClass().getSimpleName())
        .isInstanceOf(OutputInUseException.class)
        .hasMessageStartingWith(named + " is being written by tests (process ");
  }

  static Stream<Job<?>> writers() {
    return Stream.of(
        new Ingest(),
        new TrainAutoencoder(),
        new TrainClassifier(),
        new ExtractEmbeddings(),
        new TrainFlow(),
        new Score(),
        new Sample(),
        new Evaluate(),
        new Export(),
        new Import(),
        new Compare());
  }

  /** Whichever of the outputs that it names. */
  @ParameterizedTest
  @MethodSource("writers")
  void aJobAndThePipelineAreRefusedWhileAnOutputIsBeingWritten(Job<?> job) throws IOException {
    Config config = runs.settings("");
    for (String setting : job.writes()) {
      String output = config.getString(setting);
      if (setting.equals("paths.checkpoints")) {
        // These have leases of their own, by kind.
        continue;
      }
      try (OutputLease lease = OutputLease.take(hadoop, output)) {
        assertRefused(job, "Output " + output);
        if (RunStage.OF_IMAGES.stream()
            .anyMatch(stage -> setting.equals("paths." + stage.kind()))) {
          assertRefused(new Pipeline(), "Output " + output);
        }
        lease.verify();
      }
    }
    assertThat(run).isEmptyDirectory();
  }

  @Test
  void aTrainingIsRefusedBesideAnotherWithTheSameCheckpoints() throws IOException {
    Path checkpoints = run.resolve("checkpoints");
    try (OutputLease lease = OutputLease.take(hadoop, checkpoints.toString(), "flow")) {
      assertRefused(new TrainFlow(), checkpoints + " of flow");
      assertRefused(new Pipeline(), checkpoints + " of flow");
      // Of another kind, they may go on beside each other.
      assertThat(catchThrowable(() -> runs.run(new TrainAutoencoder(), "")))
          .hasMessageContaining("images does not exist");
      lease.verify();
    }
    assertThat(run).isEmptyDirectory();
  }

  /** Its claim goes while the first checkpoint is written, as if it had been suspended before. */
  @Test
  void aTrainingWhoseOutputWasTakenOverEndsAtTheNextCheckpoint() {
    FaultyDisk.register(hadoop);
    List<String> checkpoints = new CopyOnWriteArrayList<>();
    FaultyDisk.refuse(
        file -> {
          if (file.getName().startsWith("flow-")) {
            checkpoints.add(file.getName());
            Stream.of(run.toFile().listFiles((d, name) -> name.startsWith(".flow.lease-")))
                .forEach(File::delete);
          }
          return false;
        });
    String table = runs.write("t", "select id, array(randn(1), randn(2)) embedding from range(99)");
    try {
      assertThat(
              catchThrowable(
                  () ->
                      runs.train(
                          "",
                          table,
                          "flow.epochs=5",
                          "flow.patience=0",
                          "paths.checkpoints=faulty://" + run + "/checkpoints")))
          .isInstanceOf(OutputInUseException.class)
          .hasMessageStartingWith("Output " + run.resolve("flow") + " was given to another writer");
      assertThat(checkpoints).hasSize(1);
    } finally {
      FaultyDisk.repair();
    }
  }

  @Test
  void aReportMayBeMadeBesideAPipeline() throws IOException {
    try (OutputLease scores = OutputLease.take(hadoop, runs.path("scores"))) {
      assertThat(Files.exists(Path.of(runs.run(new Report(), "")))).isTrue();
      scores.verify();
    }
  }
}
