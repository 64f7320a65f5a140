package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.scores.Detection;
import dev.realnvp.scores.Detections;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A small run, compared with its own images, with noise, and with what does not fit. */
@ExtendWith(SharedRuns.class)
class OutOfDistributionTest {

  private final PipelineRun run;
  private final SparkSession spark;

  @TempDir private Path folder;

  OutOfDistributionTest(PipelineRun run) {
    this.run = run;
    this.spark = run.spark();
  }

  private Config settings(String... more) {
    return run.settings("run a", more);
  }

  /** An output of the run. */
  private String own(String name) {
    return run.folder().resolve("run a").resolve(name).toString();
  }

  private String place(String name) {
    return folder.resolve(name).toString();
  }

  private Metrics evaluate(String images, String... more) throws IOException {
    List<String> sets = new ArrayList<>(List.of(more));
    sets.add("evaluate.out-of-distribution=" + images);
    sets.add("paths.evaluation=" + place("evaluation"));
    sets.add("overwrite=true");
    return new Evaluate().run(spark, settings(sets.toArray(String[]::new)));
  }

  private Dataset<Row> images() {
    return run.table("images");
  }

  @Test
  @Tag("nightly")
  void theRunsOwnImagesAreNotTold() throws IOException {
    Detections detections = evaluate(own("images")).against();
    assertThat(detections.images()).isEqualTo(own("images"));
    assertThat(detections.normalRows())
        .isEqualTo(detections.anomalousRows())
        .isEqualTo(images().where("split = 'test'").count());
    assertThat(detections.scores())
        .containsOnlyKeys(
            "anomaly_score",
            "log_prob",
            "typicality",
            "relative_error",
            "reconstruction_error",
            "gaussian",
            "mixture",
            "isolation_forest");
    detections
        .scores()
        .forEach(
            (name, detection) ->
                assertThat(detection.auroc()).as(name).isCloseTo(0.5, within(1e-3)));
  }

  @Test
  void noiseIsTold() throws Exception {
    Random random = new Random(1);
    List<Row> rows = new ArrayList<>();
    for (long id = 0; id < 60; id++) {
      byte[] pixels = new byte[28 * 28];
      random.nextBytes(pixels);
      rows.add(RowFactory.create(id, id < 50 ? "test" : "train", 0, 28, 28, 1, pixels));
    }
    spark.createDataFrame(rows, images().schema()).write().parquet(place("noise"));
    Metrics metrics = evaluate(place("noise"));
    assertThat(metrics.against().anomalousRows()).isEqualTo(50);
    Map<String, Detection> scores = metrics.against().scores();
    assertThat(scores.get("reconstruction_error").auroc()).isGreaterThan(0.99);
    assertThat(scores.get("reconstruction_error").falseAlarmRate()).isLessThan(0.05);
    // An autoencoder that has hardly learnt misses most of any image.
    assertThat(scores.get("relative_error").auroc()).isGreaterThan(0.95);
    assertThat(scores.get("anomaly_score").auroc()).isGreaterThan(0.95);
    Path written = folder.resolve("evaluation").resolve(Evaluate.FILE);
    assertThat(Metrics.fromJson(Files.readString(written))).isEqualTo(metrics);

    new Report()
        .run(
            spark,
            settings("paths.evaluation=" + place("evaluation"), "paths.report=" + place("report")));
    assertThat(Files.readString(folder.resolve("report").resolve(Report.FILE)))
        .contains("50 test images of " + place("noise") + " as anomalies among ");
  }

  @Test
  @Tag("nightly")
  void withoutReconstructionErrorsTheDensityDecides() throws IOException {
    String[] without = {
      "extract.reconstruction-error=false",
      "paths.embeddings=" + place("plain embeddings"),
      "paths.scores=" + place("plain scores")
    };
    new ExtractEmbeddings().run(spark, settings(without));
    new Score().run(spark, settings(without));
    Detections detections = evaluate(own("images"), without).against();
    assertThat(detections.scores())
        .containsOnlyKeys(
            "anomaly_score", "log_prob", "typicality", "gaussian", "mixture", "isolation_forest");
    assertThat(detections.scores().get("anomaly_score").auroc()).isCloseTo(0.5, within(1e-3));
  }

  @Test
  void whatCannotBeComparedIsRefused() throws IOException {
    images().withColumn("split", lit("train")).write().parquet(place("train only"));
    refuses(place("train only"), " has no test images to compare with");
    images()
        .withColumn("height", lit(14))
        .withColumn("width", lit(56))
        .write()
        .parquet(place("wide"));
    refuses(place("wide"), "wide has images ");
    images().select(col("id"), col("split")).write().parquet(place("no images"));
    refuses(place("no images"), "no images");
    refuses(place("nowhere"), "nowhere does not exist: expected Parquet");

    StoredModel flow = ModelDirectory.read(new Configuration(), own("flow"), "flow");
    ModelDirectory.write(
        new Configuration(),
        place("bare flow"),
        SaveMode.ErrorIfExists,
        new StoredModel(flow.network(), flow.manifest(), Optional.empty()));
    refuses(own("images"), " has no calibration; expected one", "paths.flow=" + place("bare flow"));
  }

  private void refuses(String images, String message, String... more) {
    assertThatThrownBy(() -> evaluate(images, more))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .message()
        .hasLineCount(1);
  }
}
