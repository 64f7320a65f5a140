package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.jobs.Score;
import dev.realnvp.jobs.TrainFlow;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.data.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LocalSpark.class)
class RealNVPTest {

  @TempDir static Path folder;

  private static SparkSession spark;
  private static Dataset<Row> pets;

  @BeforeAll
  static void makeTable(SparkSession session) {
    spark = session;
    PetsTable.make(spark).write().parquet(path("pets"));
    pets = spark.read().parquet(path("pets"));
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  /** Trained by the job, on the same rows and settings, the model and the scores are the same. */
  @Test
  void equalsTheJobs() throws IOException {
    com.typesafe.config.Config config =
        Settings.load(
            null,
            List.of(
                "paths.embeddings=" + path("pets"),
                "flow.features-col=v",
                "flow.label-col=kind",
                "flow.weight-col=w",
                "flow.couplings=2",
                "flow.hidden=[8]",
                "flow.epochs=2",
                "flow.learning-rate=1e-2",
                "flow.averaging-interval=2"),
            Map.of("run", path("job")));
    Manifest byTheJob = new TrainFlow().run(spark, config).manifest();
    new Score().run(spark, config);

    RealNVPModel model =
        PetsTable.quick()
            .setContextCol("kind")
            .setWeightCol("w")
            .setValidationIndicatorCol("held")
            .fit(pets);

    Manifest manifest = model.manifest();
    assertThat(manifest.id()).isEqualTo(byTheJob.id());
    assertThat(manifest.config().get("class_counts"))
        .isEqualTo(byTheJob.config().get("class_counts"));
    assertThat(model.labels()).containsExactly("cat", "dog");
    assertThat(model.summary().trainLosses())
        .containsExactly(
            byTheJob.history().stream().mapToDouble(e -> (double) e.get("train_loss")).toArray());
    assertThat(model.summary().validationLosses())
        .containsExactly(
            byTheJob.history().stream()
                .mapToDouble(e -> (double) e.get("validation_loss"))
                .toArray());
    List<Row> differing =
        model
            .transform(pets)
            .as("model")
            .join(spark.read().parquet(path("job/scores")).as("job"), "id")
            .where(
                "logProb != log_prob or prediction != predicted_label"
                    + " or abs(1 - percentile - model.anomaly) > 1e-12")
            .collectAsList();
    assertThat(differing).isEmpty();
  }

  @Test
  void addsWhatTheFlowSays() {
    RealNVPModel model = PetsTable.quick().setContextCol("label").fit(pets);

    Dataset<Row> scored = model.transform(pets);

    assertThat(scored.columns())
        .containsExactly(
            "id",
            "split",
            "label",
            "kind",
            "w",
            "held",
            "v",
            "logProb",
            "logProbs",
            "probability",
            "prediction",
            "latent",
            "anomaly");
    assertThat(scored.schema()).isEqualTo(model.transformSchema(pets.schema()));
    assertThat(model.numClasses()).isEqualTo(2);
    assertThat(model.numFeatures()).isEqualTo(3);
    double[] prior = {334 / 1000.0, 666 / 1000.0};
    for (Row row : scored.limit(20).collectAsList()) {
      double[] logProbs = row.<Vector>getAs("logProbs").toArray();
      double[] posterior = row.<Vector>getAs("probability").toArray();
      double density = 0;
      for (int k = 0; k < 2; k++) {
        density += prior[k] * Math.exp(logProbs[k]);
      }
      assertThat(row.<Double>getAs("logProb")).isCloseTo(Math.log(density), within(1e-9));
      for (int k = 0; k < 2; k++) {
        assertThat(posterior[k])
            .isCloseTo(prior[k] * Math.exp(logProbs[k]) / density, within(1e-9));
      }
      double likeliest = posterior[0] > posterior[1] ? 0 : 1;
      assertThat(row.<Double>getAs("prediction")).isEqualTo(likeliest);
    }
    Row shares =
        scored.selectExpr("avg(anomaly)", "min(anomaly)", "max(anomaly)", "count(*)").first();
    assertThat(shares.getDouble(0)).isCloseTo(0.5, within(0.01));
    assertThat(shares.getDouble(1)).isZero();
    assertThat(shares.getDouble(2)).isEqualTo(1);
    assertThat(shares.getLong(3)).isEqualTo(1000);
  }

  /** The base of a flow with nothing but its standardisation is the standardised features. */
  @Test
  void theLatentVectorIsThatOfTheBase() {
    Dataset<Row> scored = PetsTable.quick().setMaxEpochs(20).fit(pets).transform(pets);
    Row moments =
        scored
            .withColumn("z", functions.vector_to_array(col("latent"), "float64"))
            .selectExpr("avg(z[0])", "stddev(z[0])", "avg(z[2])", "stddev(z[2])")
            .first();
    assertThat(moments.getDouble(0)).isCloseTo(0, within(0.3));
    assertThat(moments.getDouble(1)).isCloseTo(1, within(0.3));
    assertThat(moments.getDouble(2)).isCloseTo(0, within(0.3));
    assertThat(moments.getDouble(3)).isCloseTo(1, within(0.3));
  }

  @Test
  void withoutAContextThereAreNoClasses() {
    RealNVPModel model = PetsTable.quick().setLatentCol("").fit(pets);
    assertThat(model.numClasses()).isZero();
    assertThat(model.labels()).isEmpty();
    assertThat(model.transform(pets.select("v")).columns())
        .containsExactly("v", "logProb", "anomaly");
  }

  /** However features and classes are stored, the model is the same. */
  @Test
  void takesVectorsAndArraysAndAnyNumbers() {
    Dataset<Row> floats = pets.withColumn("v", col("v").cast("array<float>"));
    Dataset<Row> vectors =
        pets.withColumn("v", functions.array_to_vector(col("v")))
            .withColumn("label", col("label").cast("double"));
    Dataset<Row> longs = pets.withColumn("label", col("label").cast("long"));
    RealNVP estimator = PetsTable.quick().setContextCol("label").setMaxEpochs(1);
    String expected = estimator.fit(pets).manifest().id();
    for (Dataset<Row> same : List.of(floats, vectors, longs)) {
      RealNVPModel model = estimator.fit(same);
      assertThat(model.manifest().id()).isEqualTo(expected);
      assertThat(model.transform(same).count()).isEqualTo(1000);
    }
  }

  @Test
  void stopsEarlyByTheRowsOfTheIndicator() {
    RealNVPModel model =
        PetsTable.quick()
            .setValidationIndicatorCol("held")
            .setPatience(1)
            .setMaxEpochs(40)
            .setStepSize(0.1)
            .setSchedule("constant")
            .fit(pets);
    assertThat(model.summary().epochs()).hasSizeLessThan(40);
    assertThat(model.summary().epochs().get(0).examples()).isEqualTo(800);
  }

  @Test
  void invalidRowsAreRefusedOrSkipped() {
    Dataset<Row> holed =
        pets.withColumn("v", expr("if(id < 3, array(1d, double('nan'), 2d), if(id = 3, null, v))"));
    RealNVP estimator = PetsTable.quick().setMaxEpochs(1);
    assertThatThrownBy(() -> estimator.fit(holed))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Column 'v' of the data set is null, NaN or infinite in 4 of 1000 rows:"
                + " set handleInvalid to skip to leave them out");
    RealNVPModel model = estimator.fit(pets);
    assertThatThrownBy(() -> model.transform(holed).collectAsList())
        .hasStackTraceContaining("set handleInvalid to skip to leave such rows out");
    RealNVPModel skipping = estimator.setHandleInvalid("skip").fit(holed);
    assertThat(skipping.summary().epochs().get(0).examples()).isEqualTo(996);
    assertThat(skipping.transform(holed).count()).isEqualTo(996);
    assertThatThrownBy(
            () -> skipping.transform(pets.withColumn("v", expr("array(1d)"))).collectAsList())
        .hasStackTraceContaining("Column 'v' holds a row of 1 features; the model takes 3");
  }

  @Test
  void columnsAreCheckedBeforeAnyWork() {
    RealNVP estimator = PetsTable.quick();
    assertRefused(
        estimator.copy(new ParamMap()).setFeaturesCol("x"),
        "No column 'x' for featuresCol: the data set has id, split, label, kind, w, held, v");
    assertRefused(
        estimator.copy(new ParamMap()).setFeaturesCol("kind"),
        "Column 'kind' for featuresCol is of type string,"
            + " expected vector, array<float> or array<double>");
    assertRefused(
        estimator.copy(new ParamMap()).setContextCol("held"),
        "Column 'held' for contextCol is of type boolean,"
            + " expected classes (whole numbers of any type, or strings)"
            + " or vector, array<float> or array<double>");
    assertRefused(
        estimator.copy(new ParamMap()).setWeightCol("kind"),
        "Column 'kind' for weightCol is of type string, expected numbers");
    assertRefused(
        estimator.copy(new ParamMap()).setValidationIndicatorCol("split"),
        "Column 'split' for validationIndicatorCol is of type string, expected boolean");
    assertRefused(
        estimator.copy(new ParamMap()).setLogProbCol("w"),
        "Column 'w' of logProbCol is in the data set already");
    assertRefused(
        estimator.copy(new ParamMap()).setPatience(2),
        "patience: got 2, expected 0 where validationIndicatorCol is not set");
    assertThatThrownBy(
            () ->
                estimator
                    .copy(new ParamMap())
                    .setContextCol("label")
                    .fit(pets.withColumn("label", lit(0.5))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("Column 'label' for contextCol holds 0.5, expected whole numbers or strings");
  }

  private static void assertRefused(RealNVP estimator, String message) {
    assertThatThrownBy(() -> estimator.transformSchema(pets.schema())).hasMessage(message);
    assertThatThrownBy(() -> estimator.fit(pets)).hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "couplings, 0",
    "maxEpochs, 0",
    "batchSize, 0",
    "averagingInterval, 0",
    "patience, -1",
    "numWorkers, -1",
    "inferenceBatch, 0"
  })
  void numbersOutOfRangeAreRefused(String name, int value) {
    RealNVP estimator = new RealNVP();
    assertThatThrownBy(() -> estimator.set(estimator.getParam(name), value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("%s parameter %s given invalid value %d.", estimator.uid(), name, value);
  }

  @Test
  void otherValuesOutOfRangeAreRefused() {
    RealNVP estimator = new RealNVP();
    assertThatThrownBy(() -> estimator.setHidden()).hasMessageContaining("parameter hidden");
    assertThatThrownBy(() -> estimator.setHidden(8, 0)).hasMessageContaining("parameter hidden");
    assertThatThrownBy(() -> estimator.setMask("even")).hasMessageContaining("parameter mask");
    assertThatThrownBy(() -> estimator.setSchedule("x")).hasMessageContaining("schedule");
    assertThatThrownBy(() -> estimator.setStepSize(0)).hasMessageContaining("stepSize");
    assertThatThrownBy(() -> estimator.setWarmUp(1)).hasMessageContaining("warmUp");
    assertThatThrownBy(() -> estimator.setClipNorm(-1)).hasMessageContaining("clipNorm");
    assertThatThrownBy(() -> estimator.setL2(-1)).hasMessageContaining("l2");
    assertThatThrownBy(() -> estimator.setHandleInvalid("keep"))
        .hasMessageContaining("handleInvalid");
  }

  @Test
  void defaultsAreThoseOfTheJobs() {
    com.typesafe.config.Config defaults = Settings.load(null, List.of(), Map.of());
    RealNVP estimator = new RealNVP();
    assertThat(estimator.getCouplings()).isEqualTo(defaults.getInt("flow.couplings"));
    assertThat(estimator.getHidden())
        .containsExactly(
            defaults.getIntList("flow.hidden").stream().mapToInt(Integer::intValue).toArray());
    assertThat(estimator.getStepSize()).isEqualTo(defaults.getDouble("flow.learning-rate"));
    assertThat(estimator.getSeed()).isEqualTo(defaults.getLong("seed"));
  }

  @Test
  void everyParameterIsExplained() {
    RealNVP estimator = new RealNVP().setCouplings(3);
    String explained = estimator.explainParams();
    assertThat(estimator.params()).hasSizeGreaterThan(25);
    Arrays.stream(estimator.params())
        .forEach(param -> assertThat(explained).contains(param.name() + ": " + param.doc()));
    assertThat(estimator.explainParam(estimator.couplings()))
        .isEqualTo("couplings: number of couplings, >= 1 (default: 9, current: 3)");
    assertThat(estimator.setHidden(50, 20).explainParam(estimator.hidden()))
        .endsWith("(default: [200, 200], current: [50, 20])");
  }

  @Test
  void thePageHasEveryParameter() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "spark-ml.md"));
    RealNVP estimator = new RealNVP();
    for (Param<?> param : estimator.params()) {
      Object value = estimator.hasDefault(param) ? estimator.getOrDefault(param) : "";
      String shown = value instanceof int[] sizes ? Arrays.toString(sizes) : value.toString();
      assertThat(page)
          .contains(
              "| `%s` | %s | %s |"
                  .formatted(
                      param.name(),
                      shown.isEmpty() ? "" : "`" + shown + "`",
                      param.doc().replace("|", "\\|").replace("<", "\\<")));
    }
  }

  @Test
  void copiesAreOfTheirOwn() {
    RealNVP estimator = PetsTable.quick();
    RealNVP copy =
        estimator.copy(new ParamMap().put(estimator.couplings().w(5)).put(estimator.seed().w(7L)));
    assertThat(copy.uid()).isEqualTo(estimator.uid());
    assertThat(copy.getCouplings()).isEqualTo(5);
    assertThat(copy.getSeed()).isEqualTo(7);
    assertThat(copy.getHidden()).containsExactly(8);
    copy.setMaxEpochs(1);
    assertThat(estimator.getCouplings()).isEqualTo(2);
    assertThat(estimator.getMaxEpochs()).isEqualTo(2);

    RealNVPModel model = copy.fit(pets);
    assertThat(model.parent()).isSameAs(copy);
    RealNVPModel other = model.copy(new ParamMap().put(model.logProbCol().w("density")));
    assertThat(other.parent()).isSameAs(copy);
    assertThat(other.uid()).isEqualTo(model.uid());
    assertThat(other.transform(pets).columns()).contains("density").doesNotContain("logProb");
    assertThat(model.getLogProbCol()).isEqualTo("logProb");
  }
}
