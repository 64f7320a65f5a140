package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.Layouts;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.model.ModelDirectory;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The same rows give the same models, wherever they lie, and whoever reads them. */
@ExtendWith(LocalSpark.class)
class RowOrderTest {

  private static final List<String> FLOW =
      List.of(
          "table.features-col=v",
          "flow.couplings=2",
          "flow.hidden=[8]",
          "flow.epochs=2",
          "flow.averaging-interval=2",
          "inference.batch=7");

  /** How many files, and for how many cores Spark cuts them. */
  private static final int[][] LAYOUTS = {{1, 1}, {20, 8}};

  @TempDir static Path folder;

  private final SparkSession spark;

  RowOrderTest(SparkSession spark) {
    this.spark = spark;
  }

  /** What follows from the rows: not the seconds of the history. */
  private static Map<String, Object> facts(Manifest manifest, String calibration) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("id", manifest.id());
    facts.put("calibration", calibration);
    for (String fact : List.of("class_counts", "class_names")) {
      facts.put(fact, String.valueOf(manifest.config().get(fact)));
    }
    for (EpochStats epoch : manifest.history()) {
      facts.put("losses " + facts.size(), epoch.trainLoss());
      facts.put("losses " + facts.size(), epoch.validationLoss());
    }
    return facts;
  }

  private Config settings(String run, int workers, String... more) {
    List<String> sets =
        Stream.concat(
                FLOW.stream(),
                Stream.concat(Stream.of("train.workers=" + workers), Stream.of(more)))
            .toList();
    return Settings.load(null, sets, Map.of("run", folder.resolve(run).toString()));
  }

  private Map<String, Object> flow(String run, String table, int workers, String... more)
      throws Exception {
    Config config =
        settings(
            run,
            workers,
            Stream.concat(Stream.of("paths.embeddings=" + table), Stream.of(more))
                .toArray(String[]::new));
    TrainFlow.Result result = new TrainFlow().run(spark, config);
    return facts(
        result.manifest(),
        ModelDirectory.read(new Configuration(), result.output(), "flow")
            .calibration()
            .orElseThrow()
            .toJson());
  }

  /** Weights and features of many digits, so that their sums round by their order. */
  private static final String ROWS =
      "select id, if(id % 5 = 0, 'test', 'train') split, if(id % 3 = 0, 'cat', 'dog') kind,"
          + " rand(5) w, array(1e4 + 1e3 * randn(1), randn(3), randn(2) + id % 3) v"
          + " from range(0, 400, 1, 1)";

  /** Of ten rows, nine are the same. */
  private static final String EQUAL_ROWS =
      "select id, split, kind, if(id % 10 = 0, w, 0.5) w,"
          + " if(id % 10 = 0, v, array(3d, 1d, 4d)) v from ("
          + ROWS
          + ")";

  private void assertOneFlow(String sql, int workers, String... settings) throws Exception {
    List<Map<String, Object>> flows = new ArrayList<>();
    for (int[] layout : LAYOUTS) {
      String table = folder.resolve(sql.hashCode() + "-" + layout[0]).toString();
      if (!new File(table).exists()) {
        Layouts.write(spark.sql(sql), layout[0], table);
      }
      Layouts.onCores(
          spark,
          layout[1],
          () -> {
            assertThat(Layouts.partitions(spark, table)).isGreaterThanOrEqualTo(layout[1]);
            String run = "run-%d-%d-%d".formatted(sql.hashCode(), workers, layout[0]);
            flows.add(flow(run, table, workers, settings));
          });
    }
    assertThat(flows.get(1)).isEqualTo(flows.get(0));
  }

  @Test
  void ofOneTableComesOneFlow() throws Exception {
    assertOneFlow(EQUAL_ROWS, 3, "table.label-col=kind", "table.weight-col=w");
  }

  @Test
  @Tag("nightly")
  void ofRowsWithoutIdsSomeOfThemHeldOut() throws Exception {
    assertOneFlow("select v, w from (" + ROWS + ")", 2, "flow.validation=0.2");
  }

  /** Nor do labels matter that the flow does not learn. */
  @Test
  @Tag("nightly")
  void idsAreNoContent() throws Exception {
    String[] tables = {"plain", "with-ids"};
    Dataset<Row> rows = spark.sql(ROWS);
    Layouts.write(rows.select("split", "v"), 1, folder.resolve(tables[0]).toString());
    Layouts.write(rows.withColumnRenamed("kind", "label"), 3, folder.resolve(tables[1]).toString());
    List<Map<String, Object>> flows = new ArrayList<>();
    for (String table : tables) {
      flows.add(
          flow("run-" + table, folder.resolve(table).toString(), 2, "flow.conditional=false"));
    }
    assertThat(flows.get(1)).isEqualTo(flows.get(0));
  }

  private Dataset<Row> images() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      byte[] pixels = new byte[64];
      for (int p = 0; p < pixels.length; p++) {
        pixels[p] = (byte) (p * p * (1 + i / 2) % 251);
      }
      rows.add(RowFactory.create((long) i, i % 4 == 0 ? "test" : "train", i % 3, 8, 8, 1, pixels));
    }
    return spark.createDataFrame(rows, Images.SCHEMA);
  }

  @Test
  @Tag("nightly")
  void ofOneTableOfImagesComeOneAutoencoderAndOneClassifier() throws Exception {
    List<Map<String, Object>> models = new ArrayList<>();
    for (int[] layout : new int[][] {{1, 1}, {7, 8}}) {
      String table = folder.resolve("images-" + layout[0]).toString();
      Layouts.write(images(), layout[0], table);
      Config config =
          settings(
              "images-run-" + layout[0],
              2,
              "paths.images=" + table,
              "autoencoder.channels=[2, 4]",
              "autoencoder.code=3",
              "autoencoder.epochs=2",
              "autoencoder.batch=10",
              "classifier.channels=[2, 4]",
              "classifier.dense=8",
              "classifier.epochs=2",
              "classifier.batch=10");
      Layouts.onCores(
          spark,
          layout[1],
          () -> {
            models.add(facts(new TrainAutoencoder().run(spark, config).manifest(), ""));
            models.add(facts(new TrainClassifier().run(spark, config).manifest(), ""));
          });
    }
    assertThat(models.get(2)).isEqualTo(models.get(0));
    assertThat(models.get(3)).isEqualTo(models.get(1));
  }
}
