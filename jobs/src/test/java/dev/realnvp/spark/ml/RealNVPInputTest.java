package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import java.util.List;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the estimator and its model take as a data set, and what they refuse. */
class RealNVPInputTest {

  private static final SparkSession spark = LocalSpark.session();

  private static Dataset<Row> pets;

  @BeforeAll
  static void makeTable() {
    pets = PetsTable.make(spark).cache();
  }

  /** However features and classes are stored, the model is the same. */
  @Test
  @Tag("nightly")
  void takesVectorsAndArraysAndAnyNumbers() {
    Dataset<Row> floats =
        pets.withColumn("v", col("v").cast("array<float>"))
            .withColumn("label", col("label").cast("long"));
    Dataset<Row> vectors =
        pets.withColumn("v", functions.array_to_vector(col("v")))
            .withColumn("label", col("label").cast("double"));
    RealNVP estimator = PetsTable.quick().setContextCol("label").setMaxEpochs(1);
    String expected = estimator.fit(pets).manifest().id();
    for (Dataset<Row> same : List.of(floats, vectors)) {
      RealNVPModel model = estimator.fit(same);
      assertThat(model.manifest().id()).isEqualTo(expected);
      assertThat(model.transform(same).count()).isEqualTo(1000);
    }
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

  /** To Spark, NaN equals NaN, and as a whole number it is 0. */
  @Test
  void aLabelOfNaNIsMissing() {
    RealNVP estimator = PetsTable.quick().setContextCol("label").setMaxEpochs(1);
    Dataset<Row> some =
        pets.withColumn("label", expr("if(id % 4 = 0, double('nan'), double(label))"));
    assertThatThrownBy(() -> estimator.fit(some))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Column 'label' of the data set is null or NaN in 250 of 1000 rows:"
                + " expected a label in all or in none");
    for (String none : List.of("float('nan')", "double(null)", "int(null)")) {
      assertThatThrownBy(() -> estimator.fit(pets.withColumn("label", expr(none))))
          .hasMessage("Column 'label' for contextCol is null or NaN in all rows");
    }
    for (String other : List.of("double('infinity')", "-0.5d", "1e300d", "-1e300d", "0.5bd")) {
      assertThatThrownBy(() -> estimator.fit(pets.withColumn("label", expr(other))))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageMatching(
              "Column 'label' for contextCol holds .*, expected whole numbers or .*");
    }
    assertThatThrownBy(() -> estimator.fit(pets.withColumn("label", expr("double(-label)"))))
        .hasMessage("Column 'label' of the data set holds -1: labels are from 0 to 99999");
  }

  /** Spark takes names that differ in case only for the same one. */
  @Test
  void namesThatDifferInCaseOnlyAreTheSame() {
    RealNVP estimator = PetsTable.quick().setMaxEpochs(1).setContextCol("label");
    Dataset<Row> taken = pets.withColumn("LOGPROB", lit(1));
    assertThatThrownBy(() -> estimator.fit(taken))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("Column 'logProb' of logProbCol is in the data set already, as 'LOGPROB'");
    RealNVPModel model = estimator.fit(pets);
    assertThatThrownBy(() -> model.transform(taken)).hasMessageEndingWith("as 'LOGPROB'");
    for (String reserved :
        List.of("ID", "Split", "label", "Reconstruction_Error", "Relative_Error")) {
      Dataset<Row> other = pets.select(col("v").as(reserved));
      assertThatThrownBy(() -> PetsTable.quick().setFeaturesCol(reserved).fit(other))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(
              "Column '" + reserved + "' for featuresCol: expected another name");
    }
    RealNVPModel upper =
        estimator.copy(new ParamMap()).setFeaturesCol("V").setContextCol("LABEL").fit(pets);
    assertThat(upper.manifest().id()).isEqualTo(model.manifest().id());
    Dataset<Row> twice = pets.select(col("*"), col("id").as("ID"), col("v").as("realnvp_features"));
    Dataset<Row> scored = model.transform(twice);
    assertThat(scored.columns()).startsWith(twice.columns());
    assertThat(scored.count()).isEqualTo(1000);
    assertThatThrownBy(() -> estimator.copy(new ParamMap()).setWeightCol("iD").fit(twice))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Column 'iD' of the data set could be each of id, ID;"
                + " expected names that differ in more than case");
  }

  /** One value beyond what floats carry through a flow spoils its own row alone. */
  @Test
  void aRowWithoutAFiniteDensityIsNullAndAnomalous() {
    RealNVPModel model = PetsTable.quick().setContextCol("label").fit(pets);
    model.setLatentCol("z").setAnomalyCol("strange");
    Dataset<Row> scores =
        model
            .transform(
                pets.withColumn("v", expr("if(id = 5, array(-3.4e38d, 3.4e38d, -3.4e38d), v)")))
            .cache();
    Row sentinel = scores.where("id = 5").first();
    for (String column :
        List.of("logProb", "logProbs", "probability", "prediction", "z", "anomalyScore")) {
      assertThat(sentinel.<Object>getAs(column)).as(column).isNull();
    }
    assertThat(sentinel.<Boolean>getAs("strange")).isTrue();
    assertThat(scores.where("abs(logProb) < double('infinity')").count()).isEqualTo(999);
    assertThat(scores.where("logProbs is null or probability is null or z is null").count())
        .isOne();
    LogLikelihoodEvaluator evaluator = new LogLikelihoodEvaluator();
    assertThat(evaluator.evaluate(scores)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(evaluator.evaluate(scores.where("id <> 5"))).isFinite();
    scores.unpersist();
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
}
