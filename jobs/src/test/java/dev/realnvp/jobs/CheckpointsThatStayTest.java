package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.model.Manifests;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
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
}
