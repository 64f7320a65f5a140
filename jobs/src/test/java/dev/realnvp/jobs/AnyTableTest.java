package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tables that are nobody's embeddings: features of all sizes, names, weights, a thousand classes.
 */
@ExtendWith(LocalSpark.class)
class AnyTableTest {

  @TempDir static Path folder;

  private static SparkSession spark;

  @BeforeAll
  static void makeTables(SparkSession session) {
    spark = session;
    write(
        "pets",
        "select id, if(id % 5 = 0, 'test', 'train') split, if(id % 3 = 0, 'cat', 'dog') kind,"
            + " 1 + id % 2 w, year,"
            + " array(1e4 + 1e3 * randn(1), 7d, 1e-3 * randn(2) + if(id % 3 = 0, 1, 0)) v"
            + " from (select id, 2000 + id % 4 year from range(0, 4000, 1, 2))");
    write(
        "strangers",
        "select id, array('cat', 'fox')[id % 2] kind, array(1e4 + id, 7d, 0.5d) v from range(4)");
  }

  private static void write(String name, String sql) {
    spark.sql(sql).write().parquet(path(name));
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static Config settings(String run, String... more) {
    List<String> sets =
        Stream.concat(
                Stream.of(
                    "table.features-col=v",
                    "flow.epochs=4",
                    "flow.hidden=[16]",
                    "flow.couplings=3",
                    "flow.learning-rate=1e-2",
                    "flow.averaging-interval=5",
                    "sample.per-class=200"),
                Stream.of(more))
            .toList();
    return Settings.load(null, sets, Map.of("run", path(run)));
  }

  private static Dataset<Row> table(String run, String name) {
    return spark.read().parquet(folder.resolve(run).resolve(name) + "/*.parquet");
  }

  @Test
  void namesThatNoReaderWouldTakeAreRefusedBeforeTheTraining() {
    write(
        "long-names",
        "select id, concat(id % 9, repeat('x', 2000000)) kind, array(randn(1), randn(2)) v"
            + " from range(18)");
    assertThatThrownBy(
            () ->
                new TrainFlow()
                    .run(
                        spark,
                        settings(
                            "long-run",
                            "paths.embeddings=" + path("long-names"),
                            "table.label-col=kind")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageMatching(
            "the names of the classes, .* have 1800\\d{4} bytes, .* at most 12582912: shorten .*");
  }

  @Test
  void namesAndScalesGoThroughAllJobs() throws IOException {
    Config config =
        settings(
            "pets-run",
            "paths.embeddings=" + path("pets"),
            "table.label-col=kind",
            "table.weight-col=w",
            "table.where=year > 2000");
    Manifest manifest = new TrainFlow().run(spark, config).manifest();
    assertThat(manifest.config().get("class_names")).isEqualTo(List.of("cat", "dog"));
    // Of years 2001 to 2003, weights 2, 1, 2, without the test split.
    assertThat(manifest.history().get(0).examples()).isEqualTo(2400);

    Config strangers =
        settings(
            "pets-run",
            "paths.embeddings=" + path("strangers"),
            "table.label-col=kind",
            "inference.batch=3");
    new Score().run(spark, strangers);
    StoredModel model = ModelDirectory.read(new Configuration(), path("pets-run/flow"), "flow");
    RealNVP flow = RealNVP.of(model.network());
    double[] prior = FlowModel.prior(model, flow);
    Dataset<Row> scores = table("pets-run", "scores").orderBy("id");
    assertThat(scores.columns()).endsWith("label_name", "predicted_label_name");
    List<Row> rows = scores.collectAsList();
    assertThat(rows.get(0).<String>getAs("label_name")).isEqualTo("cat");
    assertThat(rows.get(1).<Integer>getAs("label")).isNull();
    assertThat(rows.get(1).<String>getAs("label_name")).isNull();
    assertThat(rows.get(1).<Double>getAs("log_prob_label")).isNull();
    for (Row row : rows) {
      assertThat(row.<String>getAs("predicted_label_name"))
          .isEqualTo(row.<Integer>getAs("predicted_label") == 0 ? "cat" : "dog");
      float first = 1e4f + row.<Long>getAs("id");
      double density = 0;
      for (int k = 0; k < 2; k++) {
        double[] logProb = new double[1];
        FlowEngine.of(flow)
            .logProb(new float[] {first, 7, 0.5f}, new Context.Classes(new int[] {k}, 2), logProb);
        density += prior[k] / (prior[0] + prior[1]) * Math.exp(logProb[0]);
      }
      assertThat(row.<Double>getAs("log_prob")).isCloseTo(Math.log(density), within(1e-3));
    }

    new Sample().run(spark, strangers);
    Row cats =
        table("pets-run", "samples")
            .where("label_name = 'cat'")
            .selectExpr(
                "count(*)",
                "avg(embedding[0])",
                "stddev(embedding[0])",
                "max(abs(embedding[1] - 7))",
                "avg(embedding[2])")
            .first();
    assertThat(cats.getLong(0)).isEqualTo(200);
    assertThat(cats.getDouble(1)).isCloseTo(1e4, within(500.0));
    assertThat(cats.getDouble(2)).isBetween(500.0, 2000.0);
    assertThat(((Number) cats.get(3)).doubleValue()).isLessThan(0.5);
    assertThat(cats.getDouble(4)).isCloseTo(1, within(0.5));
  }

  @Test
  @Tag("nightly")
  void weightsCountAsRepeatedRowsDoInScalingAndPrior() throws IOException {
    write(
        "repeated",
        "select id, split, kind, v from parquet.`%1$s` union all select id, split, kind, v from parquet.`%1$s` where w = 2"
            .formatted(path("pets")));
    StoredModel[] models = new StoredModel[2];
    int i = 0;
    for (String table : List.of("pets", "repeated")) {
      String weight = table.equals("pets") ? "w" : "";
      Config config =
          settings(
              table + "-prior",
              "paths.embeddings=" + path(table),
              "table.label-col=kind",
              "flow.epochs=1",
              "table.weight-col=" + weight);
      new TrainFlow().run(spark, config);
      models[i++] = ModelDirectory.read(new Configuration(), path(table + "-prior/flow"), "flow");
    }
    for (String name : List.of("0_mean", "0_scale")) {
      assertThat(models[0].network().getParam(name).toFloatVector())
          .containsExactly(models[1].network().getParam(name).toFloatVector(), within(1e-3f));
    }
    double[] weighted = FlowModel.prior(models[0], RealNVP.of(models[0].network()));
    double[] repeated = FlowModel.prior(models[1], RealNVP.of(models[1].network()));
    assertThat(weighted[0] / weighted[1]).isCloseTo(repeated[0] / repeated[1], within(1e-9));
  }

  /** By the relative error, or if there is none by the other one. */
  @ParameterizedTest
  @ValueSource(strings = {"reconstruction_error", "relative_error"})
  void anomaliesAreThoseOfTheFlowsCalibration(String error) throws IOException {
    String run = error + "-run";
    write(
        error,
        "select id, if(id % 4 = 0, 'test', 'train') split, array(randn(3), randn(4)) v,"
            + (error.equals("relative_error") ? " rand(6) reconstruction_error," : "")
            + " if(id = 8, 5d, rand(5)) %s from range(0, 4000, 1, 2)".formatted(error));
    Config config = settings(run, "paths.embeddings=" + path(error), "score.false-alarm-rate=0.05");
    new TrainFlow().run(spark, config);
    new Score().run(spark, config);
    AnomalyDetector detector =
        ModelDirectory.read(new Configuration(), path(run + "/flow"), "flow")
            .calibration()
            .orElseThrow()
            .detector(0.05);
    assertThat(detector.errorColumn()).isEqualTo(error);
    List<Row> rows = table(run, "scores").where("split = 'test'").collectAsList();
    for (Row row : rows) {
      double logProb = row.getAs("log_prob");
      double score = detector.score(logProb, row.getAs(error));
      assertThat(row.<Double>getAs("anomaly_score")).isEqualTo(score);
      assertThat(row.<Boolean>getAs("anomaly")).isEqualTo(score > detector.threshold());
      assertThat(row.<Boolean>getAs("class_anomaly"))
          .isEqualTo(score > detector.classThresholds()[0]);
      assertThat(row.<Double>getAs("percentile")).isEqualTo(detector.percentile(logProb));
      assertThat(row.<Double>getAs("typicality")).isEqualTo(detector.typicality(logProb));
    }
    assertThat(rows).filteredOn(row -> row.getLong(0) == 8).allMatch(row -> row.getAs("anomaly"));
    assertThat(rows).filteredOn(row -> row.getAs("anomaly")).hasSizeBetween(45, 51);
  }

  @Test
  @Tag("nightly")
  void aThousandClasses() throws IOException {
    write(
        "many",
        "select id, if(id < 1000, 'train', 'test') split, cast(id % 1000 as int) label,"
            + " array(randn(3), randn(4)) v from range(0, 1030, 1, 2)");
    Config config = settings("many-run", "paths.embeddings=" + path("many"), "flow.epochs=1");
    new TrainFlow().run(spark, config);
    Config few = settings("many-run", "paths.embeddings=" + path("many"), "table.where=id < 20");
    assertThat(new Score().run(spark, few).rows()).isEqualTo(20);
    assertThat(table("many-run", "scores").where("predicted_label between 0 and 999").count())
        .isEqualTo(20);
  }

  @Test
  @Tag("nightly")
  void fourThousandFeatures() throws IOException {
    write(
        "wide",
        "select id, transform(sequence(1, 4096), j -> float((id * j) % 101 + 1000 * j)) v"
            + " from range(0, 200, 1, 2)");
    Config config =
        settings(
            "wide-run", "paths.embeddings=" + path("wide"), "flow.epochs=1", "sample.per-class=2");
    new TrainFlow().run(spark, config);
    new Score().run(spark, config);
    assertThat(table("wide-run", "scores").where("isnan(log_prob)").count()).isZero();
    new Sample().run(spark, config);
    double last =
        table("wide-run", "samples").selectExpr("avg(embedding[4095])").first().getDouble(0);
    assertThat(last).isCloseTo(4096_000, within(500.0));
  }

  @Test
  @Tag("nightly")
  void stopsEarlyByAShareOfTheTrainSplit() throws IOException {
    Config config =
        settings(
            "patient",
            "paths.embeddings=" + path("pets"),
            "flow.epochs=30",
            "flow.learning-rate=0.05",
            "flow.schedule=constant",
            "flow.warm-up-share=0.1",
            "flow.max-gradient-norm=1",
            "flow.patience=2",
            "flow.validation=0.25");
    List<EpochStats> history = new TrainFlow().run(spark, config).manifest().history();
    assertThat(history).hasSizeLessThan(30);
    assertThat(history.get(0).examples()).isBetween(2300L, 2500L);
    double best = history.stream().mapToDouble(EpochStats::validationLoss).min().orElseThrow();
    assertThat(history.get(history.size() - 3).validationLoss()).isEqualTo(best);
  }

  @Test
  void whatCannotBeIsRefusedBeforeTheTraining() {
    String pets = "paths.embeddings=" + path("pets");
    assertThatThrownBy(
            () ->
                new TrainFlow()
                    .run(
                        spark,
                        settings("x", pets, "table.where=split = 'train'", "flow.patience=2")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "setting flow.patience: expected 0 where there are no rows to validate on; got 2");
    assertThatThrownBy(
            () ->
                new TrainFlow()
                    .run(
                        spark,
                        settings("x", pets, "train.training-master=stock", "table.weight-col=w")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(
            "setting table.weight-col: expected none with train.training-master=stock");
    assertThatThrownBy(
            () ->
                new TrainFlow()
                    .run(
                        spark,
                        settings(
                            "x", pets, "train.training-master=stock", "flow.max-gradient-norm=1")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(
            "setting flow.max-gradient-norm: expected 0 with train.training-master=stock");
    assertThatThrownBy(
            () ->
                new TrainFlow()
                    .run(
                        spark,
                        settings("x", pets, "flow.conditioner=residual", "flow.hidden=[8, 4]")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "setting flow.hidden: expected equal sizes with residual conditioners; got [8,4]");
    assertThat(folder.resolve("x")).doesNotExist();
  }
}
