package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.jobs.images.ExtractEmbeddings;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.scores.Detection;
import dev.realnvp.scores.Detections;
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

  private String place(String name) {
    return folder.resolve(name).toString();
  }

  /** Of the run, compared with images. */
  private Runs comparison(String images) {
    return run.runs()
        .with(
            "evaluate.out-of-distribution=" + images,
            "paths.evaluation=" + place("evaluation"),
            "overwrite=true");
  }

  private Dataset<Row> images() {
    return run.table("images");
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
    Metrics metrics = comparison(place("noise")).run(new Evaluate(), "run a");
    assertThat(metrics.against().anomalousRows()).isEqualTo(50);
    Map<String, Detection> scores = metrics.against().scores();
    assertThat(scores)
        .containsOnlyKeys(
            "anomaly_score",
            "log_prob",
            "log_prob_z",
            "distance",
            "typicality",
            "relative_error",
            "reconstruction_error",
            "gaussian",
            "mixture",
            "isolation_forest");
    assertThat(scores.get("reconstruction_error").auroc()).isGreaterThan(0.99);
    assertThat(scores.get("reconstruction_error").falseAlarmRate()).isLessThan(0.05);
    // An autoencoder that has hardly learnt misses most of any image.
    assertThat(scores.get("relative_error").auroc()).isGreaterThan(0.95);
    assertThat(scores.get("anomaly_score").auroc()).isGreaterThan(0.95);
    Path written = folder.resolve("evaluation").resolve(Evaluate.FILE);
    assertThat(Metrics.fromJson(Files.readString(written))).isEqualTo(metrics);

    run.runs()
        .run(
            new Report(),
            "run a",
            "paths.evaluation=" + place("evaluation"),
            "paths.report=" + place("report"));
    assertThat(Files.readString(folder.resolve("report").resolve(Report.FILE)))
        .contains("50 test images of " + place("noise") + " as anomalies among ");
  }

  @Test
  @Tag("nightly")
  void withoutReconstructionErrorsTheDensityDecides() throws IOException {
    Runs without =
        comparison(run.runs().path("run a/images"))
            .with(
                "extract.reconstruction-error=false",
                "paths.embeddings=" + place("plain embeddings"),
                "paths.samples=" + place("plain samples"),
                "paths.scores=" + place("plain scores"));
    without.run(new ExtractEmbeddings(), "run a");
    without.score("run a");
    without.run(new Sample(), "run a");
    Detections detections = without.run(new Evaluate(), "run a").against();
    assertThat(detections.normalRows())
        .isEqualTo(detections.anomalousRows())
        .isEqualTo(images().where("split = 'test'").count());
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
    refuses(place("nowhere"), "nowhere does not exist: expected files");

    StoredModel flow = run.model("flow");
    ModelDirectory.write(
        new Configuration(),
        place("bare flow"),
        SaveMode.ErrorIfExists,
        new StoredModel(flow.network(), flow.manifest(), Optional.empty()));
    refuses(
        run.runs().path("run a/images"),
        " has no calibration; expected one",
        "paths.flow=" + place("bare flow"));
  }

  private void refuses(String images, String message, String... more) {
    comparison(images).with(more).refused(false, new Evaluate(), "run a").contains(message);
  }
}
