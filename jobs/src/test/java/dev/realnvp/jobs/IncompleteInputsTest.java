package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.Config;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.Embeddings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a killed job left on an object store is read by nobody. */
class IncompleteInputsTest {

  @Test
  void everyReaderRefusesAnIncompleteFolder(@TempDir Path folder) throws IOException {
    Files.createFile(folder.resolve("_incomplete"));
    String incomplete = folder.toString();
    Configuration hadoop = new Configuration();
    Runs runs = Runs.in(folder, "paths.scores=" + incomplete, "paths.flow=" + incomplete);
    SparkSession spark = runs.spark();
    Config config = runs.settings("run");
    for (ThrowingCallable reader :
        List.<ThrowingCallable>of(
            () -> Images.read(spark, incomplete),
            () ->
                Embeddings.read(
                    spark, incomplete, EmbeddingQuery.of(Embeddings.COLUMN, InvalidRows.REFUSE)),
            () -> Run.of(spark, config).table("paths.scores"),
            () -> Run.of(spark, config).model(RunStage.TRAIN_FLOW),
            () -> ModelDirectory.read(hadoop, incomplete, FlowModel.KIND),
            () -> Manifests.ofModel(hadoop, incomplete),
            () -> Manifests.ofTable(spark, incomplete))) {
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(reader)
          .withMessageContaining(" is incomplete ");
    }
  }
}
