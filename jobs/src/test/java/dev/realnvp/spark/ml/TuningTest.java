package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stages among those of Spark. */
class TuningTest {

  @TempDir static Path folder;

  private static Dataset<Row> pets;
  private static final SparkSession spark = LocalSpark.session();

  @BeforeAll
  static void makeTable() {
    pets = PetsTable.make(spark).cache();
  }

  /** A rate that is far too small learns nothing, and is not chosen. */
  @Test
  @Tag("nightly")
  void crossValidationChoosesByLikelihood() throws IOException {
    RealNVP estimator = PetsTable.quick().setContextCol("label");
    ParamMap[] grid =
        new ParamGridBuilder()
            .addGrid(estimator.couplings(), new int[] {1, 2})
            .addGrid(estimator.stepSize(), new double[] {1e-9, 1e-2})
            .build();
    CrossValidator validator =
        new CrossValidator()
            .setEstimator(estimator)
            .setEvaluator(new LogLikelihoodEvaluator())
            .setEstimatorParamMaps(grid)
            .setNumFolds(2)
            .setSeed(1);
    CrossValidatorModel model = validator.fit(pets);

    double[] means = model.avgMetrics();
    // Trainings side by side do not disturb each other.
    assertThat(validator.setParallelism(2).fit(pets).avgMetrics()).containsExactly(means);
    int best = 0;
    for (int i = 0; i < grid.length; i++) {
      best = means[i] > means[best] ? i : best;
    }
    assertThat(grid[best].apply(estimator.stepSize())).isEqualTo(1e-2);
    RealNVPModel chosen = (RealNVPModel) model.bestModel();
    assertThat(((RealNVP) chosen.parent()).getStepSize()).isEqualTo(1e-2);
    assertThat(((RealNVP) chosen.parent()).getCouplings())
        .isEqualTo(grid[best].apply(estimator.couplings()));

    String path = folder.resolve("cross-validator").toString();
    model.write().save(path);
    CrossValidatorModel loaded = CrossValidatorModel.load(path);
    assertThat(loaded.avgMetrics()).containsExactly(means);
    assertThat(((RealNVPModel) loaded.bestModel()).manifest().id())
        .isEqualTo(chosen.manifest().id());
  }

  @Test
  void theEvaluatorTakesTheMean() throws IOException {
    LogLikelihoodEvaluator evaluator = new LogLikelihoodEvaluator().setLogProbCol("density");
    assertThat(evaluator.isLargerBetter()).isTrue();
    assertThat(evaluator.evaluate(spark.sql("select * from values (-1d), (-4d) as t(density)")))
        .isCloseTo(-2.5, within(1e-12));
    assertThat(
            evaluator.evaluate(
                spark.sql("select * from values (-1d), (double('nan')) as t(density)")))
        .isEqualTo(Double.NEGATIVE_INFINITY);
    String path = folder.resolve("evaluator").toString();
    evaluator.write().save(path);
    assertThat(LogLikelihoodEvaluator.load(path).getLogProbCol()).isEqualTo("density");
    assertThat(Arrays.stream(evaluator.params()).map(p -> p.name())).containsExactly("logProbCol");
  }
}
