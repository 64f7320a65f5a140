package dev.realnvp.spark.ml;

import com.typesafe.config.Config;
import dev.realnvp.settings.Defaults;
import org.apache.spark.ml.param.Param;

/**
 * The parameters' defaults: columns as Spark ML calls them, all else as {@code pipeline.conf} says.
 */
final class FlowDefaults {

  private static final Config SETTINGS = Defaults.resolved();

  private FlowDefaults() {}

  /** Sets those of an estimator. */
  static void training(FlowTrainingParams<?> stage) {
    integer(stage, stage.couplings(), "flow.couplings");
    stage.setDefault(
        stage.hidden(),
        SETTINGS.getIntList("flow.hidden").stream().mapToInt(Integer::intValue).toArray());
    stage.setDefault(stage.mask(), SETTINGS.getString("flow.mask"));
    bool(stage, stage.permute(), "flow.permute");
    bool(stage, stage.batchNorm(), "flow.batch-norm");
    bool(stage, stage.sharedNetwork(), "flow.shared-network");
    bool(stage, stage.standardize(), "flow.standardize");
    integer(stage, stage.maxEpochs(), "flow.epochs");
    integer(stage, stage.batchSize(), "flow.batch");
    integer(stage, stage.averagingInterval(), "flow.averaging-interval");
    real(stage, stage.stepSize(), "flow.learning-rate");
    stage.setDefault(stage.schedule(), SETTINGS.getString("flow.schedule"));
    real(stage, stage.warmUp(), "flow.warm-up");
    real(stage, stage.clipNorm(), "flow.clip-norm");
    integer(stage, stage.patience(), "flow.patience");
    real(stage, stage.l2(), "flow.l2");
    stage.setDefault(stage.seed(), SETTINGS.getLong("seed"));
    integer(stage, stage.numWorkers(), "train.workers");
  }

  /** Sets those of the columns. */
  static void columns(FlowColumns<?> stage) {
    stage.setDefault(stage.featuresCol(), "features");
    logProb(stage, stage.logProbCol());
    stage.setDefault(stage.logProbsCol(), "logProbs");
    stage.setDefault(stage.probabilityCol(), "probability");
    stage.setDefault(stage.predictionCol(), "prediction");
    stage.setDefault(stage.latentCol(), "latent");
    stage.setDefault(stage.anomalyCol(), "anomaly");
    stage.setDefault(
        stage.handleInvalid(),
        SETTINGS.getBoolean("skip-invalid") ? FlowColumns.SKIP : FlowColumns.ERROR);
    integer(stage, stage.inferenceBatch(), "inference.batch");
  }

  /** Sets that of the column of log p(x). */
  static void logProb(Stage<?> stage, Param<String> column) {
    stage.setDefault(column, "logProb");
  }

  private static void integer(Stage<?> stage, Param<Object> param, String key) {
    stage.setDefault(param, SETTINGS.getInt(key));
  }

  private static void real(Stage<?> stage, Param<Object> param, String key) {
    stage.setDefault(param, SETTINGS.getDouble(key));
  }

  private static void bool(Stage<?> stage, Param<Object> param, String key) {
    stage.setDefault(param, SETTINGS.getBoolean(key));
  }
}
