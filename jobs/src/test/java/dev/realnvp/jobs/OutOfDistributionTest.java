package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.StoredModel;
import dev.realnvp.spark.scores.Detections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A small run, evaluated against its own images, against noise, and against what does not fit. */
@ExtendWith(LocalSpark.class)
class OutOfDistributionTest {

  @TempDir static Path folder;

  private static SparkSession spark;

  @BeforeAll
  static void run(SparkSession session) throws IOException {
    spark = session;
    new Pipeline().run(spark, settings());
  }

  private static Config settings(String... more) {
    List<String> sets =
        Stream.concat(
                Stream.of(
                    "ingest.data=src/test/resources/fashion-mnist-1000",
                    "ingest.fraction=0.5",
                    "autoencoder.channels=[8,16]",
                    "autoencoder.epochs=5",
                    "autoencoder.batch=10",
                    "classifier.channels=[4]",
                    "classifier.dense=8",
                    "classifier.epochs=1",
                    "flow.epochs=5",
                    "flow.batch=10",
                    "flow.hidden=[16]",
                    "flow.couplings=3",
                    "sample.per-class=12"),
                Stream.of(more))
            .toList();
    return Settings.load(null, sets, Map.of("run", place("run")));
  }

  private static String place(String name) {
    return folder.resolve(name).toString();
  }

  private static Metrics evaluate(String images, String... more) throws IOException {
    List<String> sets = new ArrayList<>(List.of(more));
    sets.add("evaluate.against=" + place(images));
    sets.add("paths.evaluation=" + place("evaluation of " + images));
    sets.add("overwrite=true");
    return new Evaluate().run(spark, settings(sets.toArray(String[]::new)));
  }

  private static Dataset<Row> images() {
    return spark.read().parquet(place("run/images"));
  }

  @Test
  void theRunsOwnImagesAreNotTold() throws IOException {
    Detections detections = evaluate("run/images").against();
    assertThat(detections.images()).isEqualTo(place("run/images"));
    assertThat(detections.normalRows())
        .isEqualTo(detections.anomalousRows())
        .isEqualTo(images().where("split = 'test'").count());
    assertThat(detections.scores())
        .containsOnlyKeys(
            "anomaly_score", "log_prob", "typicality", "reconstruction_error", "gaussian");
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
    Metrics metrics = evaluate("noise");
    assertThat(metrics.against().anomalousRows()).isEqualTo(50);
    for (String name : List.of("anomaly_score", "reconstruction_error")) {
      assertThat(metrics.against().scores().get(name).auroc()).as(name).isGreaterThan(0.99);
      assertThat(metrics.against().scores().get(name).falseAlarmRate()).as(name).isLessThan(0.05);
    }
    Path written = folder.resolve("evaluation of noise").resolve(Evaluate.FILE);
    assertThat(Metrics.fromJson(Files.readString(written))).isEqualTo(metrics);

    new Report()
        .run(
            spark,
            settings(
                "paths.evaluation=" + place("evaluation of noise"),
                "paths.report=" + place("report")));
    assertThat(Files.readString(folder.resolve("report").resolve(Report.FILE)))
        .contains("50 test images of " + place("noise") + " as anomalies among the run");
  }

  @Test
  void withoutReconstructionErrorsTheDensityDecides() throws IOException {
    String[] without = {
      "extract.reconstruction-error=false",
      "paths.embeddings=" + place("plain embeddings"),
      "paths.scores=" + place("plain scores")
    };
    new ExtractEmbeddings().run(spark, settings(without));
    new Score().run(spark, settings(without));
    Detections detections = evaluate("run/images", without).against();
    assertThat(detections.scores())
        .containsOnlyKeys("anomaly_score", "log_prob", "typicality", "gaussian");
    assertThat(detections.scores().get("anomaly_score").auroc()).isCloseTo(0.5, within(1e-3));
  }

  @Test
  void whatCannotBeComparedIsRefused() throws IOException {
    images().withColumn("split", lit("train")).write().parquet(place("train only"));
    refuses("train only", " has no test images to compare with");
    images()
        .withColumn("height", lit(14))
        .withColumn("width", lit(56))
        .write()
        .parquet(place("wide"));
    refuses("wide", "wide has images ");
    images().select(col("id"), col("split")).write().parquet(place("no images"));
    refuses("no images", "no images");
    refuses("nowhere", "nowhere does not exist: expected Parquet");

    StoredModel flow = ModelDirectory.read(new Configuration(), place("run/flow"), "flow");
    ModelDirectory.write(
        new Configuration(),
        place("bare flow"),
        SaveMode.ErrorIfExists,
        new StoredModel(flow.network(), flow.manifest(), Optional.empty()));
    refuses("run/images", " has no calibration; expected one", "paths.flow=" + place("bare flow"));
  }

  private static void refuses(String images, String message, String... more) {
    assertThatThrownBy(() -> evaluate(images, more))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .message()
        .hasLineCount(1);
  }
}
