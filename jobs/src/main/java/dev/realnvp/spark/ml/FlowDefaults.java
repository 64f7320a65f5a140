package dev.realnvp.spark.ml;

import dev.realnvp.settings.Defaults;
import org.apache.spark.ml.param.Param;

/** The defaults of parameters that name columns: as Spark ML calls them. */
final class FlowDefaults {

  private FlowDefaults() {}

  /** Sets them, and that of what is done with invalid rows, which a setting says. */
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
        Defaults.resolved().getBoolean("skip-invalid") ? FlowColumns.SKIP : FlowColumns.ERROR);
    SettingParams.setDefaults(stage);
  }

  /** Sets that of the column of log p(x). */
  static void logProb(FluentParams<?> stage, Param<String> column) {
    stage.setDefault(column, "logProb");
  }
}
