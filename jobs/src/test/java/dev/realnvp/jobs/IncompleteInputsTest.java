package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.ObjectStore;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.table.Embeddings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a killed job left on an object store is read by nobody. */
@ExtendWith(LocalSpark.class)
class IncompleteInputsTest {

  @TempDir Path folder;
  private final SparkSession spark;
  private final Configuration hadoop;

  IncompleteInputsTest(SparkSession spark) {
    this.spark = spark;
    this.hadoop = spark.sparkContext().hadoopConfiguration();
    ObjectStore.register(hadoop);
  }

  @AfterEach
  void revive() {
    ObjectStore.revive();
  }

  private Config settings(String name) {
    return Settings.load(
        null,
        List.of("ingest.data=src/test/resources/fashion-mnist-1000", "ingest.fraction=0.05"),
        Map.of("run", "objects://" + folder.resolve(name)));
  }

  private static void assertRefused(ThrowingCallable reader) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(reader)
        .withMessageContaining(" is incomplete ");
  }

  @Test
  @Tag("nightly")
  void imagesOfAKilledIngestAreRefusedAndReplaced() throws IOException {
    long rows = new Ingest().run(spark, settings("whole")).count();
    assertThat(rows).isPositive();

    Config config = settings("killed");
    String images = config.getString("paths.images");
    // All files are there, and only the marker is to go.
    ObjectStore.killBeforeDeleting("/images/_incomplete");
    assertDies(config);
    ObjectStore.revive();
    assertRefused(() -> Images.read(spark, images));
    assertThat(new Ingest().run(spark, config).count()).isEqualTo(rows);
    assertThat(Images.read(spark, images).count()).isEqualTo(rows);
  }

  private void assertDies(Config config) {
    assertThatExceptionOfType(ObjectStore.Killed.class)
        .isThrownBy(() -> new Ingest().run(spark, config));
  }

  @Test
  void everyReaderRefusesAnIncompleteFolder() throws IOException {
    Files.createFile(folder.resolve("_incomplete"));
    String incomplete = folder.toString();
    Config config =
        Settings.load(
            null, List.of(), Map.of("paths.scores", incomplete, "paths.flow", incomplete));
    assertRefused(() -> Images.read(spark, incomplete));
    assertRefused(() -> Embeddings.read(spark, incomplete));
    assertRefused(() -> Run.of(spark, config).table("paths.scores"));
    assertRefused(() -> Run.of(spark, config).model(RunStage.TRAIN_FLOW));
    assertRefused(() -> ModelDirectory.read(hadoop, incomplete, FlowModel.KIND));
    assertRefused(() -> Manifests.ofModel(hadoop, incomplete));
    assertRefused(() -> Manifests.ofTable(spark, incomplete));
  }
}
