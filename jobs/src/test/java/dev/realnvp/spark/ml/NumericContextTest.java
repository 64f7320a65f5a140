package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.Evaluate;
import dev.realnvp.jobs.Sample;
import dev.realnvp.jobs.Score;
import dev.realnvp.jobs.TrainFlow;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.Vectors;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.inference.FlowScorer;
import dev.realnvp.spark.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

/** Densities given numbers, rather than a class. */
class NumericContextTest {

  @TempDir static Path folder;

  private static final SparkSession spark = LocalSpark.session();
  private static Dataset<Row> table;
  private static dev.realnvp.spark.ml.RealNVP estimator;
  private static RealNVPModel model;

  /** Two of the three features follow from the context, but for a little noise. */
  @BeforeAll
  static void train() {
    table =
        spark
            .sql(
                "select id, array(a, b) c, 10 + 5 * a + 0.1 * randn(3) x, 0.1 * randn(4) - b y,"
                    + " randn(5) z from (select id, randn(1) a, randn(2) b"
                    + " from range(0, 2000, 1, 2))")
            .selectExpr("id", "c", "array(x, y, z) v")
            .cache();
    estimator = PetsTable.quick().setContextCol("c");
    model = estimator.fit(table);
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static double mean(Dataset<Row> scored) {
    return scored.agg(avg("logProb")).first().getDouble(0);
  }

  @Test
  @Tag("nightly")
  void theContextTellsMuchOfTheFeatures() {
    RealNVPModel with = PetsTable.quick().setContextCol("c").setMaxEpochs(30).fit(table);
    RealNVPModel without = PetsTable.quick().setMaxEpochs(30).fit(table);
    // Two of the features' deviations fall to a tenth and a fiftieth: 2 to 4 nats each at best.
    assertThat(mean(with.transform(table))).isGreaterThan(mean(without.transform(table)) + 2);
    assertThat(model.contextSize()).isEqualTo(2);
    assertThat(model.numFeatures()).isEqualTo(3);
    assertThat(model.numClasses()).isZero();
    Dataset<Row> scored = model.transform(table);
    assertThat(scored.columns())
        .containsExactly("id", "c", "v", "logProb", "latent", "anomalyScore", "anomaly");
    assertThat(scored.columns())
        .containsExactly(estimator.transformSchema(table.schema()).fieldNames());
    assertThat(scored.where("anomaly").count()).isBetween(15L, 20L);
  }

  /** As DL4J computes them, after saving and loading. */
  @Test
  void theDensitiesAreThoseOfTheSavedFlow() throws IOException {
    model.write().overwrite().save(path("model"));
    RealNVPModel loaded = RealNVPModel.load(path("model"));
    RealNVP flow =
        RealNVP.of(
            ModelDirectory.read(spark.sparkContext().hadoopConfiguration(), path("model"), "flow")
                .network());
    List<Row> rows = loaded.transform(table).orderBy("id").limit(20).collectAsList();
    assertThat(rows).isEqualTo(model.transform(table).orderBy("id").limit(20).collectAsList());
    for (Row row : rows) {
      double expected =
          flow.network()
              .output(
                  RealNVP.trainingBatch(
                          Nd4j.createFromArray(new float[][] {Vectors.floats(row.getList(2))}),
                          Nd4j.createFromArray(new float[][] {Vectors.floats(row.getList(1))}))
                      .getFeatures())
              .getDouble(0);
      assertThat(row.<Double>getAs("logProb"))
          .isCloseTo(expected, within(1e-4 * Math.max(1, Math.abs(expected))));
    }
  }

  @Test
  void contextsThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> estimator.fit(table.withColumn("c", expr("slice(c, 1, 1 + id % 2)"))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Column 'c' for contextCol holds rows of 1 to 2 values,"
                + " expected as many in each, and at least 1");
    Dataset<Row> holed = table.withColumn("c", expr("if(id = 7, array(0d, double('nan')), c)"));
    assertThatThrownBy(() -> estimator.fit(holed))
        .hasMessage(
            "Column 'v, c' of the data set is null, NaN or infinite in 1 of 2000 rows:"
                + " set handleInvalid to skip to leave them out");
    assertThatThrownBy(() -> model.transform(holed).collectAsList())
        .hasStackTraceContaining("Column 'v, c' holds null, NaN or infinite values");
    assertThatThrownBy(() -> model.transform(table.drop("c")))
        .hasMessage("No column 'c' for contextCol: the data set has id, v");
    assertThatThrownBy(() -> model.transform(table.withColumn("c", col("id"))))
        .hasMessage(
            "Column 'c' for contextCol is of type bigint,"
                + " expected vector, array<float> or array<double>");
    assertThatThrownBy(
            () -> model.transform(table.withColumn("c", expr("array(1d)"))).collectAsList())
        .hasStackTraceContaining("Column 'c' holds a row of 1 context values; the model takes 2");
  }

  private static Config settings(String table, String... more) {
    return Settings.load(
        null,
        Stream.concat(
                Stream.of("paths.embeddings=" + path(table), "table.features-col=v"),
                Stream.of(more))
            .toList(),
        Map.of("run", path("jobs")));
  }

  /** Trained and scored by the jobs, with a column per number, model and densities are the same. */
  @Test
  void equalsTheJobs() throws IOException {
    table.selectExpr("id", "c[0] a", "c[1] b", "v").write().parquet(path("numbers"));
    Dataset<Row> numbers = spark.read().parquet(path("numbers"));
    Manifest byTheJob =
        new TrainFlow()
            .run(
                spark,
                settings(
                    "numbers",
                    "table.context-cols=a, b",
                    "flow.couplings=2",
                    "flow.hidden=[8]",
                    "flow.epochs=2",
                    "flow.learning-rate=1e-2",
                    "flow.averaging-interval=2",
                    "table.hold-out=0"))
            .manifest();
    assertThat(byTheJob.id()).isEqualTo(model.manifest().id());
    assertThat(byTheJob.config()).containsEntry("context_cols", List.of("a", "b"));

    new Score().run(spark, settings("numbers", "table.hold-out=0", "score.keep=id"));
    Dataset<Row> scores = spark.read().parquet(path("jobs/scores"));
    assertThat(scores.schema().fieldNames()).isEqualTo(FlowScorer.SCHEMA.fieldNames());
    assertThat(
            model
                .transform(numbers.withColumn("c", expr("array(a, b)")))
                .withColumnRenamed("anomaly", "marked")
                .join(scores, "id")
                .where(
                    "logProb = log_prob and abs(anomaly_score - anomalyScore) < 1e-12 and marked = anomaly")
                .count())
        .isEqualTo(2000);

    Metrics metrics = new Evaluate().run(spark, settings("numbers"));
    assertThat(metrics.figure("test_nll"))
        .isCloseTo(-scores.selectExpr("avg(log_prob)").first().getDouble(0), within(1e-9));
    assertThat(metrics.figure("roundtrip_max_error")).isLessThan(1e-3);
    assertThat(metrics.baselines()).containsOnlyKeys("gaussian", "mixture");
    assertThat(metrics.baselines().get("gaussian").rows()).isEqualTo(2000);

    numbers.selectExpr("id", "b a", "a b", "v").write().parquet(path("swapped"));
    new Score()
        .run(
            spark,
            settings(
                "swapped",
                "table.context-cols=b,a",
                "paths.scores=" + path("swapped-scores"),
                "score.explain=1",
                "score.explain-rows=all"));
    assertThat(
            spark
                .read()
                .parquet(path("swapped-scores"))
                .as("swapped")
                .join(scores.as("scores"), "id")
                .where("abs(swapped.log_prob - scores.log_prob) < 1e-3")
                .count())
        .isEqualTo(2000);
    assertThat(
            model
                .copy(new ParamMap())
                .setExplanationCol("why")
                .setExplanations(1)
                .transform(numbers.withColumn("c", expr("array(a, b)")))
                .join(spark.read().parquet(path("swapped-scores")), "id")
                .where("size(why) = 1 and why = explanation")
                .count())
        .isEqualTo(2000);
  }

  @Test
  void theJobsSayWhichNumbersTheyMiss() throws IOException {
    model.write().overwrite().save(path("flow"));
    table.write().mode("overwrite").parquet(path("table"));
    String flow = "paths.flow=" + path("flow");
    String scores = "paths.scores=" + path("missed");
    assertThatThrownBy(() -> new Score().run(spark, settings("table", flow, scores)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "flow %s is conditioned on 2 numbers per row; got [], expected as many columns"
                    .formatted(model.manifest().id())
                + " (table.context-cols)");
    assertThatThrownBy(
            () ->
                new Score().run(spark, settings("table", flow, scores, "table.context-cols=id,c")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("Column 'c' of ")
        .hasMessageEndingWith("is of type array<double>, expected numbers");
    assertThatThrownBy(() -> new Sample().run(spark, settings("table", flow, scores)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "flow %s is conditioned on 2 numbers per row, which only score, evaluate and Spark"
                    .formatted(model.manifest().id())
                + " ML's RealNVPModel read; expected one of classes, or of none");
  }
}
