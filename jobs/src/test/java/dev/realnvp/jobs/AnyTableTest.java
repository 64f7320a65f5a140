package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.model.Manifest;
import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that are nobody's embeddings: features of all sizes, names, weights. */
class AnyTableTest {

  @TempDir static Path folder;

  private static Runs runs;
  private static String pets;

  @BeforeAll
  static void makeTables() {
    runs =
        Runs.in(
            folder,
            "table.features-col=v",
            "flow.hidden=[16]",
            "flow.couplings=3",
            "flow.learning-rate=1e-2",
            "flow.averaging-interval=5",
            "sample.per-class=200");
    pets =
        runs.write(
            "pets",
            "select id, if(id % 5 = 0, 'test', 'train') split, if(id % 3 = 0, 'cat', 'dog') kind,"
                + " 1 + id % 2 w, year,"
                + " array(1e4 + 1e3 * randn(1), 7d, 1e-3 * randn(2) + if(id % 3 = 0, 1, 0)) v"
                + " from (select id, 2000 + id % 4 year from range(0, 4000, 1, 2))");
  }

  @Test
  void namesAndScalesGoThroughAllJobs() throws IOException {
    Manifest manifest =
        runs.train(
                "named",
                pets,
                "table.label-col=kind",
                "table.weight-col=w",
                "table.where=year > 2000",
                "flow.epochs=4")
            .manifest();
    assertThat(manifest.config().get("class_names")).isEqualTo(List.of("cat", "dog"));
    // Of years 2001 to 2003, weights 2, 1, 2, without the test split.
    assertThat(manifest.history().get(0).examples()).isEqualTo(2400);

    String strangers =
        runs.write(
            "strangers",
            "select id, array('cat', 'fox')[id % 2] kind, array(1e4 + id, 7d, 0.5d) v from range(4)");
    runs.score("named", strangers, "table.label-col=kind", "inference.batch=3");
    RealNVP flow = RealNVP.of(runs.flow("named").network());
    double[] prior = FlowModel.prior(runs.flow("named"), flow);
    Dataset<Row> scores = runs.scores("named").orderBy("id");
    assertThat(scores.columns()).endsWith("label_name", "predicted_label_name");
    List<Row> rows = scores.collectAsList();
    assertThat(rows.get(0).<String>getAs("label_name")).isEqualTo("cat");
    for (String unknown : List.of("label", "label_name", "log_prob_label")) {
      assertThat(rows.get(1).<Object>getAs(unknown)).as(unknown).isNull();
    }
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

    runs.run(new Sample(), "named");
    Row cats =
        runs.table("named/samples")
            .where("label_name = 'cat'")
            .selectExpr(
                "count(*)",
                "avg(embedding[0])",
                "stddev(embedding[0])",
                "double(max(abs(embedding[1] - 7)))",
                "avg(embedding[2])")
            .first();
    assertThat(cats.getLong(0)).isEqualTo(200);
    assertThat(cats.getDouble(1)).isCloseTo(1e4, within(500.0));
    assertThat(cats.getDouble(2)).isBetween(500.0, 2000.0);
    assertThat(cats.getDouble(3)).isLessThan(0.5);
    assertThat(cats.getDouble(4)).isCloseTo(1, within(0.5));
  }

  @Test
  @Tag("nightly")
  void weightsCountAsRepeatedRowsDoInScalingAndPrior() throws IOException {
    String repeated =
        runs.write(
            "repeated",
            "select id, split, kind, v from parquet.`%1$s`"
                + " union all select id, split, kind, v from parquet.`%1$s` where w = 2",
            runs.path("pets"));
    List<StoredModel> models = new ArrayList<>();
    for (String[] table : new String[][] {{"weighted", pets, "w"}, {"repeats", repeated, ""}}) {
      runs.train(table[0], table[1], "table.label-col=kind", "table.weight-col=" + table[2]);
      models.add(runs.flow(table[0]));
    }
    for (String name : List.of("0_mean", "0_scale")) {
      assertThat(models.get(0).network().getParam(name).toFloatVector())
          .containsExactly(models.get(1).network().getParam(name).toFloatVector(), within(1e-3f));
    }
    double[] weighted = FlowModel.prior(models.get(0), RealNVP.of(models.get(0).network()));
    double[] counted = FlowModel.prior(models.get(1), RealNVP.of(models.get(1).network()));
    assertThat(weighted[0] / weighted[1]).isCloseTo(counted[0] / counted[1], within(1e-9));
  }

  @Test
  void anomaliesAreThoseOfTheFlowsCalibration() throws IOException {
    String table =
        runs.write(
            "errors",
            "select id, if(id % 4 = 0, 'test', 'train') split, array(randn(3), randn(4)) v,"
                + " if(id = 8, 5d, rand(5)) reconstruction_error from range(0, 4000, 1, 2)");
    runs.train("errors-run", table);
    runs.score("errors-run", table, "score.false-alarm-rate=0.05");
    AnomalyDetector detector = runs.flow("errors-run").calibration().orElseThrow().detector(0.05);
    assertThat(detector.errorColumn()).isEqualTo("reconstruction_error");
    List<Row> rows = runs.scores("errors-run").where("split = 'test'").collectAsList();
    for (Row row : rows) {
      double logProb = row.getAs("log_prob");
      double score = detector.score(logProb, row.getAs("reconstruction_error"));
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

  /** Spark's optimizer may take time and memory exponential in the number of columns. */
  @Test
  void fortyColumns() throws IOException {
    List<String> columns = IntStream.range(0, 40).mapToObj(j -> "x" + j).toList();
    String values = columns.stream().map(x -> "randn(1) " + x).collect(Collectors.joining(", "));
    String table = runs.write("columns", "select %s from range(0, 500, 1, 2)".formatted(values));
    String features = "table.features-cols=" + String.join(",", columns);
    runs.train("columns-run", table, "table.features-col=", features, "flow.epochs=1");
    runs.score("columns-run", table, "table.features-col=");
    assertThat(runs.scores("columns-run").count()).isEqualTo(500);
  }

  @Test
  @Tag("nightly")
  void fourThousandFeatures() throws IOException {
    String table =
        runs.write(
            "wide",
            "select id, transform(sequence(1, 4096), j -> float((id * j) % 101 + 1000 * j)) v"
                + " from range(0, 200, 1, 2)");
    runs.train("wide-run", table);
    runs.score("wide-run", table);
    assertThat(runs.scores("wide-run").where("isnan(log_prob)").count()).isZero();
    runs.run(new Sample(), "wide-run", "sample.per-class=2");
    double last =
        runs.table("wide-run/samples").selectExpr("avg(embedding[4095])").first().getDouble(0);
    assertThat(last).isCloseTo(4096_000, within(500.0));
  }
}
