package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.jobs.Score;
import dev.realnvp.jobs.TrainFlow;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What the estimator learns, and what its model adds to a data set. */
class RealNVPTest {

  @TempDir static Path folder;

  private static final SparkSession spark = LocalSpark.session();
  private static Dataset<Row> pets;
  private static RealNVPModel plain;

  @BeforeAll
  static void makeTable() {
    PetsTable.make(spark).write().parquet(path("pets"));
    pets = spark.read().parquet(path("pets"));
    plain = PetsTable.quick().fit(pets);
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  /** Trained by the job, on the same rows and settings, the model and the scores are the same. */
  @Test
  void equalsTheJobs() throws IOException {
    equalsTheJobs("job", PetsTable.quick());
  }

  @Test
  void equalsTheJobsWithOtherTransforms() throws IOException {
    equalsTheJobs(
        "other",
        PetsTable.quick().setConditioner("residual").setActivationNorm(true).setBase("conditional"),
        "flow.conditioner=residual",
        "flow.activation-norm=true",
        "flow.base=conditional");
  }

  private static void equalsTheJobs(String run, RealNVP estimator, String... more)
      throws IOException {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "paths.embeddings=" + path("pets"),
                "table.features-col=v",
                "table.label-col=kind",
                "table.weight-col=w",
                "flow.couplings=2",
                "flow.hidden=[8]",
                "flow.epochs=2",
                "flow.learning-rate=1e-2",
                "flow.averaging-interval=2",
                "table.hold-out=0",
                "score.keep=id",
                "score.explain=2",
                "score.explain-rows=all"));
    settings.addAll(List.of(more));
    com.typesafe.config.Config config = Settings.load(null, settings, Map.of("run", path(run)));
    Manifest byTheJob = new TrainFlow().run(spark, config).manifest();
    new Score().run(spark, config);

    RealNVPModel model =
        estimator
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
        .containsExactly(byTheJob.history().stream().mapToDouble(EpochStats::trainLoss).toArray());
    assertThat(model.summary().validationLosses())
        .containsExactly(
            byTheJob.history().stream().mapToDouble(EpochStats::validationLoss).toArray());
    List<Row> differing =
        model
            .setExplanationCol("why")
            .setExplanations(2)
            .transform(pets)
            .as("model")
            .join(spark.read().parquet(path(run + "/scores")).as("job"), "id")
            .where(
                "logProb != log_prob or prediction != predicted_label"
                    + " or abs(anomaly_score - anomalyScore) > 1e-12 or model.anomaly != job.anomaly"
                    + " or size(why) < 1 or why != explanation")
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
            "anomalyScore",
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
      double mostLikelyClass = posterior[0] > posterior[1] ? 0 : 1;
      assertThat(row.<Double>getAs("prediction")).isEqualTo(mostLikelyClass);
    }
    assertThat(scored.count()).isEqualTo(1000);
  }

  /** Of rows far beyond all that were seen, too, where a share of rows would be 1 for each. */
  @Test
  void theScoreRanksAndTheMarkFollowsTheRate() {
    Dataset<Row> far =
        pets.sparkSession().sql("select array(1000d + 300 * id, 0.5d, 1d) v from range(1, 9)");
    List<Row> scored = plain.transform(far).orderBy("logProb").collectAsList();
    assertThat(scored).allMatch(row -> row.<Boolean>getAs("anomaly"));
    for (int i = 1; i < scored.size(); i++) {
      assertThat(scored.get(i).<Double>getAs("anomalyScore"))
          .isLessThan(scored.get(i - 1).<Double>getAs("anomalyScore"));
    }
    for (double rate : new double[] {0.01, 0.2}) {
      RealNVPModel model = plain.copy(new ParamMap()).setFalseAlarmRate(rate);
      assertThat(model.transform(pets).where("anomaly").count() / 1000.0)
          .isCloseTo(rate, within(0.005));
    }
  }

  /** By the flow that was saved, as DL4J runs it. */
  @Test
  void theLatentVectorIsThatOfTheBase() throws IOException {
    plain.write().save(path("latent"));
    MultiLayerNetwork flow =
        ModelDirectory.read(new Configuration(), path("latent"), "flow").network();
    List<Row> rows = plain.transform(pets).limit(50).collectAsList();
    for (Row row : rows) {
      List<Double> v = row.getList(row.fieldIndex("v"));
      float[][] x = {{v.get(0).floatValue(), v.get(1).floatValue(), v.get(2).floatValue()}};
      INDArray in =
          dev.realnvp.flow.RealNVP.trainingBatch(Nd4j.createFromArray(x), null).getFeatures();
      INDArray base = flow.feedForward(in).get(flow.getnLayers() - 1);
      double[] z = Arrays.copyOf(base.getRow(0).toDoubleVector(), 3);
      assertThat(row.<Vector>getAs("latent").toArray()).containsExactly(z, within(1e-4));
    }
  }

  /** Spark gives them in another order each time. */
  @Test
  void theRowsOfAJoinGiveTheSameModel() {
    Dataset<Row> joined =
        pets.select("id").hint("shuffle_hash").join(pets.select("id", "v"), "id").drop("id");
    assertThat(PetsTable.quick().fit(joined).manifest().id()).isEqualTo(plain.manifest().id());
  }

  @Test
  void withoutAContextThereAreNoClasses() {
    RealNVPModel model = plain.copy(new ParamMap()).setLatentCol("");
    assertThat(model.numClasses()).isZero();
    assertThat(model.labels()).isEmpty();
    assertThat(model.transform(pets.select("v")).columns())
        .containsExactly("v", "logProb", "anomalyScore", "anomaly");
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
