package dev.realnvp.spark.ml;

import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;

/**
 * The columns that {@link RealNVP} and {@link RealNVPModel} share, and what they do with invalid
 * rows. A column that is added can be left out by an empty name.
 *
 * @param <S> the stage
 */
public interface FlowColumns<S extends FlowColumns<S>> extends FluentParams<S> {

  /** {@link #handleInvalid()}: fail. */
  String ERROR = "error";

  /** {@link #handleInvalid()}: leave the row out. */
  String SKIP = "skip";

  /** The column of the features: a vector, an array of floats, or an array of doubles. */
  default Param<String> featuresCol() {
    return new Param<>(
        this, "featuresCol", "features column: vector, array<float> or array<double>");
  }

  /**
   * The column of what the density is conditioned on: the class, whole numbers from 0 or strings;
   * or numbers, a vector or an array. Not set for an unconditional flow.
   */
  default Param<String> contextCol() {
    return new Param<>(
        this,
        "contextCol",
        "context column: a class, whole numbers from 0 or strings; or numbers, vector, array<float>"
            + " or array<double>; not set for an unconditional flow");
  }

  /** The column of log p(x), in nats, the class summed out: double. */
  default Param<String> logProbCol() {
    return new Param<>(
        this,
        "logProbCol",
        "column for log p(x), in nats, the class summed out, or of log p(x | context) where that is"
            + " numbers; empty for none");
  }

  /** The column of log p(x | class) of each class, in nats: a vector. */
  default Param<String> logProbsCol() {
    return new Param<>(
        this,
        "logProbsCol",
        "column for the vector of log p(x | class), in nats; empty for none."
            + " Without classes there is none");
  }

  /** The column of the posterior P(class | x) of each class: a vector. */
  default Param<String> probabilityCol() {
    return new Param<>(
        this,
        "probabilityCol",
        "column for the vector of posteriors P(class | x); empty for none."
            + " Without classes there is none");
  }

  /** The column of the class with the highest posterior, from 0: double. */
  default Param<String> predictionCol() {
    return new Param<>(
        this,
        "predictionCol",
        "column for the class with the highest posterior, from 0; empty for none."
            + " Without classes there is none");
  }

  /** The column of z, the row in base space under its likeliest class: a vector. */
  default Param<String> latentCol() {
    return new Param<>(
        this,
        "latentCol",
        "column for z, the row in base space under its likeliest class or its context; empty for"
            + " none");
  }

  /** The column of whether a row is an anomaly at {@link #falseAlarmRate()}: boolean. */
  default Param<String> anomalyCol() {
    return new Param<>(
        this,
        "anomalyCol",
        "column for whether the row is an anomaly: anomalyScoreCol's value is above the threshold"
            + " of falseAlarmRate; empty for none");
  }

  /** The column of how strange a row is, which ranks rows: double. */
  default Param<String> anomalyScoreCol() {
    return new Param<>(
        this,
        "anomalyScoreCol",
        "column for how strange the row is, by its log p(x), in deviations below the median of the"
            + " rows that the model was calibrated on; empty for none");
  }

  /** What share of normal rows may be anomalies. */
  default DoubleParam falseAlarmRate() {
    return SettingParams.real(
        this, "falseAlarmRate", "share of normal rows that may be anomalies, %s");
  }

  /** The column of the features that make a row strange: an array of structs. */
  default Param<String> explanationCol() {
    return new Param<>(
        this,
        "explanationCol",
        "column for the features that make the row strange, each with its value, the value that"
            + " would have been normal, and the nats that it is worth; empty for none");
  }

  /** How many features an explanation names at most. */
  default IntParam explanations() {
    return new IntParam(
        this,
        "explanations",
        "features that explanationCol names at most, >= 1",
        ParamValidators.gtEq(1));
  }

  /** What to do with rows whose features are missing, NaN or infinite. */
  default Param<String> handleInvalid() {
    return new Param<>(
        this,
        "handleInvalid",
        "what to do with rows whose features are null, NaN or infinite: error or skip",
        ParamValidators.inArray(new String[] {ERROR, SKIP}));
  }

  /** How many rows a task works on at once. */
  default IntParam inferenceBatch() {
    return SettingParams.whole(this, "inferenceBatch", "rows that a task scores at once, %s");
  }

  default String getFeaturesCol() {
    return getOrDefault(featuresCol());
  }

  default S setFeaturesCol(String column) {
    return with(featuresCol(), column);
  }

  /** See {@link #contextCol()}; empty where it is not set. */
  default String getContextCol() {
    return columnOrNone(contextCol());
  }

  default S setContextCol(String column) {
    return with(contextCol(), column);
  }

  default String getLogProbCol() {
    return getOrDefault(logProbCol());
  }

  default S setLogProbCol(String column) {
    return with(logProbCol(), column);
  }

  default String getLogProbsCol() {
    return getOrDefault(logProbsCol());
  }

  default S setLogProbsCol(String column) {
    return with(logProbsCol(), column);
  }

  default String getProbabilityCol() {
    return getOrDefault(probabilityCol());
  }

  default S setProbabilityCol(String column) {
    return with(probabilityCol(), column);
  }

  default String getPredictionCol() {
    return getOrDefault(predictionCol());
  }

  default S setPredictionCol(String column) {
    return with(predictionCol(), column);
  }

  default String getLatentCol() {
    return getOrDefault(latentCol());
  }

  default S setLatentCol(String column) {
    return with(latentCol(), column);
  }

  default String getAnomalyCol() {
    return getOrDefault(anomalyCol());
  }

  default S setAnomalyCol(String column) {
    return with(anomalyCol(), column);
  }

  default String getAnomalyScoreCol() {
    return getOrDefault(anomalyScoreCol());
  }

  default S setAnomalyScoreCol(String column) {
    return with(anomalyScoreCol(), column);
  }

  default double getFalseAlarmRate() {
    return (double) getOrDefault(falseAlarmRate());
  }

  default S setFalseAlarmRate(double rate) {
    return with(falseAlarmRate(), rate);
  }

  default String getExplanationCol() {
    return getOrDefault(explanationCol());
  }

  default S setExplanationCol(String column) {
    return with(explanationCol(), column);
  }

  default int getExplanations() {
    return (int) getOrDefault(explanations());
  }

  default S setExplanations(int features) {
    return with(explanations(), features);
  }

  default String getHandleInvalid() {
    return getOrDefault(handleInvalid());
  }

  default S setHandleInvalid(String what) {
    return with(handleInvalid(), what);
  }

  default int getInferenceBatch() {
    return (int) getOrDefault(inferenceBatch());
  }

  default S setInferenceBatch(int rows) {
    return with(inferenceBatch(), rows);
  }
}
