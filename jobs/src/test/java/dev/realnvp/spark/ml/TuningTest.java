package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.ml.tuning.TrainValidationSplit;
import org.apache.spark.ml.tuning.TrainValidationSplitModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The stages among those of Spark. */
@ExtendWith(LocalSpark.class)
class TuningTest {

  @TempDir static Path folder;

  private static Dataset<Row> pets;
  private static SparkSession spark;

  @BeforeAll
  static void makeTable(SparkSession session) {
    spark = session;
    pets = PetsTable.make(spark).cache();
  }

  @Test
  @Tag("nightly")
  void aPipelineOfSparksStagesAndOurs() throws IOException {
    Pipeline pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new VectorAssembler().setInputCols(new String[] {"x", "y"}).setOutputCol("raw"),
                  new StandardScaler().setInputCol("raw").setOutputCol("features"),
                  PetsTable.quick().setFeaturesCol("features").setContextCol("kind")
                });
    Dataset<Row> table = pets.selectExpr("id", "kind", "v[0] x", "v[2] y");
    PipelineModel model = pipeline.fit(table);
    String path = folder.resolve("pipeline").toString();
    model.write().save(path);

    assertThat(PipelineModel.load(path).transform(table).orderBy("id").collectAsList())
        .isEqualTo(model.transform(table).orderBy("id").collectAsList());
    pipeline.write().overwrite().save(path);
    assertThat(Pipeline.load(path).getStages()[2]).isInstanceOf(RealNVP.class);
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

  /** Trainings side by side do not disturb each other. */
  @Test
  @Tag("nightly")
  void aTrainValidationSplitChoosesByLikelihood() {
    RealNVP estimator = PetsTable.quick();
    TrainValidationSplit split =
        new TrainValidationSplit()
            .setEstimator(estimator)
            .setEvaluator(new LogLikelihoodEvaluator())
            .setEstimatorParamMaps(
                new ParamGridBuilder()
                    .addGrid(estimator.stepSize(), new double[] {1e-2, 1e-9})
                    .build())
            .setSeed(1);
    TrainValidationSplitModel model = split.fit(pets);
    assertThat(model.validationMetrics()[0]).isGreaterThan(model.validationMetrics()[1]);
    assertThat(((RealNVP) ((RealNVPModel) model.bestModel()).parent()).getStepSize())
        .isEqualTo(1e-2);
    assertThat(split.setParallelism(2).fit(pets).validationMetrics())
        .containsExactly(model.validationMetrics());
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
