package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.FaultyDisk;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.storage.OutputInUseException;
import dev.realnvp.spark.storage.OutputLease;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A job whose output another writer has does no work, and leaves nothing. */
@ExtendWith(LocalSpark.class)
class TwoWritersTest {

  private final SparkSession spark;

  @TempDir private Path run;

  TwoWritersTest(SparkSession spark) {
    this.spark = spark;
  }

  private Config settings() {
    // No input is there: a job that begins to work says so.
    return Settings.load(
        null, List.of("ingest.data=" + run.resolve("none")), Map.of("run", run.toString()));
  }

  /** Runs the job as another writer than this thread. */
  private void assertRefused(Job<?> job, String named) {
    Throwable thrown =
        CompletableFuture.supplyAsync(() -> catchThrowable(() -> job.run(spark, settings())))
            .join();
    assertThat(thrown)
        .isInstanceOf(OutputInUseException.class)
        .hasMessageStartingWith(named + " is being written by tests (process ");
  }

  private OutputLease take(String output) throws IOException {
    return OutputLease.take(
        spark.sparkContext().hadoopConfiguration(), run.resolve(output).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "images",
        "autoencoder",
        "classifier",
        "embeddings",
        "flow",
        "scores",
        "samples",
        "evaluation"
      })
  void aPipelineIsRefusedWhicheverOfItsOutputsIsBeingWritten(String output) throws IOException {
    try (OutputLease lease = take(output)) {
      assertRefused(new Pipeline(), "Output " + run.resolve(output));
      lease.verify();
    }
    assertThat(run).isEmptyDirectory();
  }

  @Test
  void aTrainingIsRefusedBesideAnotherWithTheSameCheckpoints() throws IOException {
    Path checkpoints = run.resolve("checkpoints");
    try (OutputLease lease =
        OutputLease.take(
            spark.sparkContext().hadoopConfiguration(), checkpoints.toString(), "flow")) {
      assertRefused(new TrainFlow(), checkpoints + " of flow");
      assertRefused(new Pipeline(), checkpoints + " of flow");
      // Of another kind, they may go on beside each other.
      assertThat(catchThrowable(() -> new TrainAutoencoder().run(spark, settings())))
          .hasMessageContaining("images does not exist");
      lease.verify();
    }
    assertThat(run).isEmptyDirectory();
  }

  /** Its claim goes while the first checkpoint is written, as if it had been suspended before. */
  @Test
  void aTrainingWhoseOutputWasTakenOverEndsAtTheNextCheckpoint() {
    FaultyDisk.register(spark.sparkContext().hadoopConfiguration());
    List<String> checkpoints = new CopyOnWriteArrayList<>();
    FaultyDisk.refuse(
        file -> {
          if (file.getName().startsWith(".flow-")) {
            checkpoints.add(file.getName());
            Stream.of(run.toFile().listFiles((d, name) -> name.startsWith(".flow.lease-")))
                .forEach(File::delete);
          }
          return false;
        });
    spark.sql("select id, array(randn(1), randn(2)) v from range(99)").write().parquet(run + "/t");
    Config config =
        Settings.load(
            null,
            List.of(
                "paths.embeddings=" + run + "/t",
                "table.features-col=v",
                "flow.epochs=5",
                "flow.patience=0",
                "flow.couplings=1",
                "paths.checkpoints=faulty://" + run + "/checkpoints"),
            Map.of("run", run.toString()));
    try {
      assertThat(catchThrowable(() -> new TrainFlow().run(spark, config)))
          .isInstanceOf(OutputInUseException.class)
          .hasMessageStartingWith("Output " + run.resolve("flow") + " was given to another writer");
      assertThat(checkpoints).hasSize(1);
    } finally {
      FaultyDisk.repair();
    }
  }

  @Test
  void aReportMayBeMadeBesideAPipeline() throws IOException {
    try (OutputLease scores = take("scores")) {
      assertThat(Files.exists(Path.of(new Report().run(spark, settings()).file()))).isTrue();
      scores.verify();
    }
  }
}
