package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.data.InvalidInputException;
import java.util.List;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the estimator and its model take as a data set, and what they refuse. */
@ExtendWith(LocalSpark.class)
class RealNVPInputTest {

  private static Dataset<Row> pets;

  @BeforeAll
  static void makeTable(SparkSession spark) {
    pets = PetsTable.make(spark).cache();
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
}
