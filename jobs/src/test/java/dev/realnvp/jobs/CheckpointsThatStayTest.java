package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.model.Manifests;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LocalSpark.class)
class CheckpointsThatStayTest {

  @TempDir Path folder;

  private final SparkSession spark;

  CheckpointsThatStayTest(SparkSession spark) {
    this.spark = spark;
  }

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
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    hadoop.setClass("fs.keeping.impl", KeepingFileSystem.class, FileSystem.class);
    String table = folder.resolve("table").toString();
    spark
        .sql("select id, 'train' split, array(randn(1), randn(2)) embedding from range(400)")
        .write()
        .parquet(table);
    Path checkpoints = folder.resolve("checkpoints");
    Config config =
        Settings.load(
            null,
            List.of(
                "flow.epochs=1",
                "flow.couplings=2",
                "flow.hidden=[8]",
                "paths.embeddings=" + table,
                "paths.checkpoints=keeping://" + checkpoints),
            Map.of("run", folder.toString()));

    TrainFlow.Result result = new TrainFlow().run(spark, config);

    assertThat(checkpoints).isDirectoryContaining("glob:**.ckpt");
    assertThat(Manifests.ofModel(hadoop, result.output()))
        .get()
        .returns(result.manifest().id(), Manifest::id);
  }

  private TrainFlow.Result train(String run, String... sets) throws IOException {
    List<String> all =
        Stream.concat(
                Stream.of(
                    "paths.embeddings=" + folder.resolve("few"),
                    "checkpoint.every-rounds=1",
                    "flow.averaging-interval=1",
                    "flow.batch=20",
                    "flow.epochs=6",
                    "flow.couplings=2",
                    "flow.hidden=[8]"),
                Stream.of(sets))
            .toList();
    return new TrainFlow()
        .run(spark, Settings.load(null, all, Map.of("run", folder.resolve(run).toString())));
  }

  /** Ends what runs when there is a checkpoint of the run. */
  private final class Interruption extends SparkListener {
    private final File checkpoints;

    Interruption(String run) {
      checkpoints = folder.resolve(run).resolve("checkpoints").toFile();
    }

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      String[] files = checkpoints.list((in, name) -> name.endsWith(".ckpt"));
      if (files != null && files.length > 0) {
        spark.sparkContext().cancelAllJobs();
      }
    }
  }

  /** As if executors were lost, and nobody had said how many workers there should be. */
  @Test
  void trainingGoesOnWithTheWorkersThatItHadOnFewerCores() throws Exception {
    spark
        .sql("select id, 'train' split, array(randn(1), randn(2)) embedding from range(400)")
        .write()
        .parquet(folder.resolve("few").toString());
    String undisturbed = train("undisturbed", "train.workers=3").manifest().id();
    Interruption interruption = new Interruption("disturbed");
    spark.sparkContext().addSparkListener(interruption);
    try {
      assertThatThrownBy(() -> train("disturbed", "train.workers=3"))
          .hasStackTraceContaining("cancelled");
    } finally {
      spark.sparkContext().removeSparkListener(interruption);
    }

    Manifest manifest = train("disturbed").manifest();

    assertThat(manifest.config()).containsEntry("workers", 3);
    assertThat(manifest.id()).isEqualTo(undisturbed);
  }
}
