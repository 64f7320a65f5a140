package dev.realnvp.spark.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * How {@link RealNVP} trains. {@code conf/pipeline.conf} has the defaults of all but the columns.
 *
 * @param <S> the stage
 */
public interface FlowTrainingParams<S extends FlowTrainingParams<S>>
    extends FlowStructureParams<S> {

  /** The column of the rows' weights; not set where all count the same. */
  default Param<String> weightCol() {
    return new Param<>(
        this,
        "weightCol",
        "column of the rows' weights, numbers of at least 0; not set where all count the same");
  }

  /** The boolean column that says which rows to validate on, rather than to train on. */
  default Param<String> validationIndicatorCol() {
    return new Param<>(
        this,
        "validationIndicatorCol",
        "boolean column, true for rows to validate on rather than to train on; not set to train on all");
  }

  /** Passes over the rows. */
  default IntParam maxEpochs() {
    return SettingParams.whole(
        this, "maxEpochs", "passes over the rows, %s; 0 for 20, of fewer than 1,000 rows for more");
  }

  /** Rows of a minibatch, for each worker. */
  default IntParam batchSize() {
    return SettingParams.whole(this, "batchSize", "rows of a minibatch, for each worker, %s");
  }

  /** Down to how many rows several workers share a minibatch. */
  default IntParam smallestBatchSize() {
    return SettingParams.whole(
        this,
        "smallestBatchSize",
        "with several workers, minibatches are not made smaller than this, %s");
  }

  /**
   * Minibatches that a worker fits between two averagings; 0 to let the number of workers choose.
   */
  default IntParam averagingInterval() {
    return SettingParams.whole(
        this,
        "averagingInterval",
        "minibatches that a worker fits between two averagings, %s; 0 for two averagings per epoch of two workers, thirty of more");
  }

  /** Adam's learning rate, at the start or after the warm-up. */
  default DoubleParam stepSize() {
    return SettingParams.real(this, "stepSize", "Adam's learning rate, of one worker, %s");
  }

  /** Whether minibatches and learning rate follow from the number of workers. */
  default BooleanParam scaleStepSize() {
    return new BooleanParam(
        this,
        "scaleStepSize",
        "whether several workers take smaller minibatches, down to smallestBatchSize, and then a higher learning rate, up to 0.05, with a warm-up of at least 10 % of the steps");
  }

  /** What becomes of the learning rate. */
  default Param<String> schedule() {
    return SettingParams.text(this, "schedule", "what becomes of the learning rate: %s");
  }

  /** The share of all steps in which the learning rate comes up from 0. */
  default DoubleParam warmUpShare() {
    return SettingParams.real(
        this, "warmUpShare", "share of all steps in which the learning rate comes up from 0, %s");
  }

  /** The greatest length of a minibatch's gradient; 0 for any. */
  default DoubleParam maxGradientNorm() {
    return SettingParams.real(
        this, "maxGradientNorm", "greatest length of a minibatch's gradient, %s; 0 for any length");
  }

  /** After how many epochs in a row without a better validation loss to stop; 0 for never. */
  default IntParam patience() {
    return SettingParams.whole(
        this,
        "patience",
        "stop after so many epochs in a row without a better validation loss, %s; 0 to do all");
  }

  /**
   * The L2 penalty on the parameters. Has no default: where it is not set, it follows from the
   * number of rows.
   */
  default DoubleParam l2() {
    return SettingParams.real(
        this,
        "l2",
        "L2 penalty on the parameters, %s; where it is not set, 1e-3, and with fewer than 60,000 rows more");
  }

  /** Data-parallel workers; 0 for every core that Spark has, with at least 1,000 rows each. */
  default IntParam numWorkers() {
    return SettingParams.whole(
        this,
        "numWorkers",
        "data-parallel workers, a partition each, %s; 0 for every core that Spark has, with at least 1,000 rows each");
  }

  /** See {@link #weightCol()}; empty where it is not set. */
  default String getWeightCol() {
    return columnOrNone(weightCol());
  }

  default S setWeightCol(String column) {
    return with(weightCol(), column);
  }

  /** See {@link #validationIndicatorCol()}; empty where it is not set. */
  default String getValidationIndicatorCol() {
    return columnOrNone(validationIndicatorCol());
  }

  default S setValidationIndicatorCol(String column) {
    return with(validationIndicatorCol(), column);
  }

  default int getMaxEpochs() {
    return (int) getOrDefault(maxEpochs());
  }

  default S setMaxEpochs(int value) {
    return with(maxEpochs(), value);
  }

  default int getBatchSize() {
    return (int) getOrDefault(batchSize());
  }

  default S setBatchSize(int value) {
    return with(batchSize(), value);
  }

  default int getSmallestBatchSize() {
    return (int) getOrDefault(smallestBatchSize());
  }

  default S setSmallestBatchSize(int value) {
    return with(smallestBatchSize(), value);
  }

  default int getAveragingInterval() {
    return (int) getOrDefault(averagingInterval());
  }

  default S setAveragingInterval(int value) {
    return with(averagingInterval(), value);
  }

  default double getStepSize() {
    return (double) getOrDefault(stepSize());
  }

  default S setStepSize(double value) {
    return with(stepSize(), value);
  }

  default boolean getScaleStepSize() {
    return (boolean) getOrDefault(scaleStepSize());
  }

  default S setScaleStepSize(boolean value) {
    return with(scaleStepSize(), value);
  }

  default String getSchedule() {
    return getOrDefault(schedule());
  }

  default S setSchedule(String schedule) {
    return with(schedule(), schedule);
  }

  default double getWarmUpShare() {
    return (double) getOrDefault(warmUpShare());
  }

  default S setWarmUpShare(double value) {
    return with(warmUpShare(), value);
  }

  /** Former name of {@link #setWarmUpShare}. */
  @Deprecated(forRemoval = true)
  default S setWarmUp(double value) {
    return setWarmUpShare(value);
  }

  default double getMaxGradientNorm() {
    return (double) getOrDefault(maxGradientNorm());
  }

  default S setMaxGradientNorm(double value) {
    return with(maxGradientNorm(), value);
  }

  /** Former name of {@link #setMaxGradientNorm}. */
  @Deprecated(forRemoval = true)
  default S setClipNorm(double value) {
    return setMaxGradientNorm(value);
  }

  default int getPatience() {
    return (int) getOrDefault(patience());
  }

  default S setPatience(int value) {
    return with(patience(), value);
  }

  default double getL2() {
    return (double) getOrDefault(l2());
  }

  default S setL2(double value) {
    return with(l2(), value);
  }

  default int getNumWorkers() {
    return (int) getOrDefault(numWorkers());
  }

  default S setNumWorkers(int value) {
    return with(numWorkers(), value);
  }
}
