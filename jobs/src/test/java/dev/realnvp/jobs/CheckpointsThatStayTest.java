package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.model.Manifests;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints of a training that was interrupted, and some that nothing deletes. */
class CheckpointsThatStayTest {

  private static final String TABLE =
      "select id, 'train' split, array(randn(1), randn(2)) embedding from range(400)";

  @TempDir Path folder;

  /** The local disk under {@code keeping:///}, which deletes no checkpoints. */
  public static final class KeepingFileSystem extends RawLocalFileSystem {

    @Override
    public URI getUri() {
      return URI.create("keeping:///");
    }

    @Override
    public boolean delete(org.apache.hadoop.fs.Path path, boolean recursive) throws IOException {
      if (path.getName().endsWith(".ckpt") && exists(path)) {
        throw new IOException("not allowed to delete " + path);
      }
      return super.delete(path, recursive);
    }
  }

  @Test
  void modelIsThereAllTheSame() throws IOException {
    Configuration hadoop = LocalSpark.session().sparkContext().hadoopConfiguration();
    hadoop.setClass("fs.keeping.impl", KeepingFileSystem.class, FileSystem.class);
    Path checkpoints = folder.resolve("checkpoints");
    Runs runs = Runs.in(folder);
    TrainFlow.Result result =
        runs.train("run", runs.write("table", TABLE), "paths.checkpoints=keeping://" + checkpoints);

    assertThat(checkpoints).isDirectoryContaining("glob:**.ckpt");
    assertThat(Manifests.ofModel(hadoop, result.output()))
        .get()
        .returns(result.manifest().id(), Manifest::id);
  }

  /** Ends what runs when there is a checkpoint of the run. */
  private static final class Interruption extends SparkListener {
    private final File checkpoints;

    Interruption(Path run) {
      checkpoints = run.resolve("checkpoints").toFile();
    }

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      String[] files = checkpoints.list((in, name) -> name.endsWith(".ckpt"));
      if (files != null && files.length > 0) {
        LocalSpark.session().sparkContext().cancelAllJobs();
      }
    }
  }

  /** As if executors were lost, and nobody had said how many workers there should be. */
  @Test
  void trainingGoesOnWithTheWorkersThatItHadOnFewerCores() throws Exception {
    Runs runs =
        Runs.in(
            folder,
            "checkpoint.every-rounds=1",
            "flow.averaging-interval=1",
            "flow.batch=20",
            "flow.epochs=6");
    String few = runs.write("few", TABLE);
    String undisturbed = runs.train("undisturbed", few, "train.workers=3").manifest().id();
    Interruption interruption = new Interruption(folder.resolve("disturbed"));
    runs.spark().sparkContext().addSparkListener(interruption);
    try {
      assertThatThrownBy(() -> runs.train("disturbed", few, "train.workers=3"))
          .hasStackTraceContaining("cancelled");
    } finally {
      runs.spark().sparkContext().removeSparkListener(interruption);
    }

    Manifest manifest = runs.train("disturbed", few).manifest();

    assertThat(manifest.config()).containsEntry("workers", 3);
    assertThat(manifest.id()).isEqualTo(undisturbed);
  }
}
