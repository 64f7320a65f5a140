package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.jobs.images.TrainAutoencoder;
import dev.realnvp.jobs.images.TrainClassifier;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.Layouts;
import dev.realnvp.spark.images.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same rows give the same models, wherever they lie, and whoever reads them. */
class RowOrderTest {

  /** How many files, and for how many cores Spark cuts them. */
  private static final int[][] LAYOUTS = {{1, 1}, {20, 8}};

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

  @TempDir static Path folder;

  private static Runs runs;

  @BeforeAll
  static void start() {
    runs =
        Runs.in(
            folder,
            "table.features-col=v",
            "flow.epochs=2",
            "flow.averaging-interval=2",
            "inference.batch=7");
  }

  /** What follows from the rows: not the seconds of the history. */
  private static Map<String, Object> facts(Manifest manifest) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("id", manifest.id());
    for (String fact : List.of("class_counts", "class_names")) {
      facts.put(fact, String.valueOf(manifest.config().get(fact)));
    }
    for (EpochStats epoch : manifest.history()) {
      facts.put("losses " + facts.size(), epoch.trainLoss());
      facts.put("losses " + facts.size(), epoch.validationLoss());
    }
    return facts;
  }

  private static Map<String, Object> flow(String run, Runs of) throws Exception {
    Map<String, Object> facts = facts(of.train(run).manifest());
    facts.put("calibration", of.flow(run).calibration().orElseThrow().toJson());
    return facts;
  }

  private static void assertOneFlow(String sql, int workers, String... settings) throws Exception {
    List<Map<String, Object>> flows = new ArrayList<>();
    for (int[] layout : LAYOUTS) {
      String table = sql.hashCode() + "-" + layout[0];
      if (!Files.exists(folder.resolve(table))) {
        Layouts.write(runs.spark().sql(sql), layout[0], runs.path(table));
      }
      Layouts.onCores(
          runs.spark(),
          layout[1],
          () -> {
            assertThat(Layouts.partitions(runs.spark(), runs.path(table)))
                .isGreaterThanOrEqualTo(layout[1]);
            Runs of = runs.with(runs.input(table), "train.workers=" + workers).with(settings);
            flows.add(flow("run-" + workers + "-" + table, of));
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
    Dataset<Row> rows = runs.spark().sql(ROWS);
    Layouts.write(rows.select("split", "v"), 1, runs.path("plain"));
    Layouts.write(rows.withColumnRenamed("kind", "label"), 3, runs.path("with-ids"));
    Runs without = runs.with("train.workers=2", "flow.conditional=false");
    assertThat(flow("run-ids", without.with(runs.input("with-ids"))))
        .isEqualTo(flow("run-plain", without.with(runs.input("plain"))));
  }

  private static Dataset<Row> images() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      byte[] pixels = new byte[64];
      for (int p = 0; p < pixels.length; p++) {
        pixels[p] = (byte) (p * p * (1 + i / 2) % 251);
      }
      rows.add(RowFactory.create((long) i, i % 4 == 0 ? "test" : "train", i % 3, 8, 8, 1, pixels));
    }
    return runs.spark().createDataFrame(rows, Images.SCHEMA);
  }

  @Test
  @Tag("nightly")
  void ofOneTableOfImagesComeOneAutoencoderAndOneClassifier() throws Exception {
    List<Map<String, Object>> models = new ArrayList<>();
    for (int[] layout : new int[][] {{1, 1}, {7, 8}}) {
      String table = "images-" + layout[0];
      Layouts.write(images(), layout[0], runs.path(table));
      Runs of =
          runs.with(
              "train.workers=2",
              "paths.images=" + runs.path(table),
              "autoencoder.channels=[2, 4]",
              "autoencoder.code=3",
              "autoencoder.epochs=2",
              "autoencoder.batch=10",
              "classifier.channels=[2, 4]",
              "classifier.dense=8",
              "classifier.epochs=2",
              "classifier.batch=10");
      Layouts.onCores(
          runs.spark(),
          layout[1],
          () -> {
            models.add(facts(of.run(new TrainAutoencoder(), "run-" + table).manifest()));
            models.add(facts(of.run(new TrainClassifier(), "run-" + table).manifest()));
          });
    }
    assertThat(models.get(2)).isEqualTo(models.get(0));
    assertThat(models.get(3)).isEqualTo(models.get(1));
  }
}
