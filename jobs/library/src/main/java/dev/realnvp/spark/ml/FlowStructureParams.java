package dev.realnvp.spark.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;

/**
 * What the flow of {@link RealNVP} is made of.
 *
 * @param <S> the stage
 */
public interface FlowStructureParams<S extends FlowStructureParams<S>> extends FlowColumns<S> {

  /** By how many rows what is not set, or automatic, is chosen. */
  default Param<String> preset() {
    return SettingParams.text(
        this,
        "preset",
        "tables of which size parameters that are not set, or auto, are chosen for: %s; auto for small"
            + " with fewer than 60,000 rows, large with 1,000,000 or more");
  }

  /** How many couplings the flow has. */
  default IntParam couplings() {
    return SettingParams.whole(this, "couplings", "number of couplings, %s");
  }

  /** The sizes of the hidden layers, or of the residual blocks, of a coupling's network. */
  default IntArrayParam hidden() {
    return SettingParams.sizes(
        this,
        "hidden",
        "sizes of the hidden layers of a coupling's network, or of its residual blocks, which are all"
            + " of one size, %s");
  }

  /** What a coupling's network is. */
  default Param<String> conditioner() {
    return SettingParams.text(
        this,
        "conditioner",
        "what a coupling's network is, fully connected layers or residual blocks: %s");
  }

  /** Of up to so many classes couplings get the one-hot vector; of more, so many trained values. */
  default IntParam classEmbedding() {
    return SettingParams.whole(
        this,
        "classEmbedding",
        "of up to so many classes couplings get the one-hot vector; of more, so many trained values"
            + " per class, %s");
  }

  /** What a coupling does with the features that it changes. */
  default Param<String> coupling() {
    return SettingParams.text(
        this,
        "coupling",
        "what a coupling does with the features that it changes, a scale and a shift or a monotonic"
            + " spline: %s; auto for affine with fewer than 1,000,000 rows");
  }

  /** Which features a coupling keeps. */
  default Param<String> mask() {
    return SettingParams.text(this, "mask", "features that a coupling keeps: %s");
  }

  /** Whether a random permutation follows each coupling. */
  default BooleanParam permute() {
    return new BooleanParam(this, "permute", "whether a random permutation follows each coupling");
  }

  /** What mixes the features after each coupling. */
  default Param<String> linear() {
    return SettingParams.text(
        this,
        "linear",
        "what mixes the features after each coupling, the permutation alone or a trained linear map"
            + " that begins as it: %s; auto for the map of up to 128 features");
  }

  /**
   * Whether an invertible batch normalization follows each coupling. Has no default: where it is
   * not set, the number of rows decides.
   */
  default BooleanParam batchNorm() {
    return new BooleanParam(
        this,
        "batchNorm",
        "whether an invertible batch normalization follows each coupling; where it is not set, with"
            + " 60,000 rows or more, or without a linear map");
  }

  /** Whether a trained scale and shift of each feature follows each coupling. */
  default BooleanParam activationNorm() {
    return new BooleanParam(
        this,
        "activationNorm",
        "whether a trained scale and shift of each feature follows each coupling");
  }

  /** Whether a coupling has one network for scale and shift, or two. */
  default BooleanParam sharedNetwork() {
    return new BooleanParam(
        this, "sharedNetwork", "whether a coupling has one network for scale and shift, or two");
  }

  /** What rows are mapped to. */
  default Param<String> base() {
    return SettingParams.text(
        this,
        "base",
        "what rows are mapped to, the standard normal or a normal distribution whose means and"
            + " deviations follow from the context: %s");
  }

  /**
   * Whether the model brings features to mean 0 and variance 1 first; densities stay those of the
   * features as they are given.
   */
  default BooleanParam standardize() {
    return new BooleanParam(
        this, "standardize", "whether the model brings features to mean 0 and variance 1 first");
  }

  /**
   * The standard deviation of the noise that training adds to standardised features. Has no
   * default: where it is not set, it follows from the numbers of rows and features.
   */
  default DoubleParam noise() {
    return SettingParams.real(
        this,
        "noise",
        "standard deviation of the noise that training adds to standardised features, %s; where it is"
            + " not set, with fewer than 60,000 rows, the root of 3 features / rows, at most 0.5");
  }

  /**
   * How far below the others' a row's likelihood may lie in training before it does not count. Has
   * no default: where it is not set, the number of rows decides.
   */
  default DoubleParam trim() {
    return SettingParams.real(
        this,
        "trim",
        "how many interquartile ranges beyond the quartile of its minibatch a row's negative"
            + " log-likelihood may lie before the row does not count in training, %s, 0 if all rows"
            + " count; where it is not set, with fewer than 60,000 rows 3, of fewer than 9 features up to"
            + " 5");
  }

  /** What everything random follows from. */
  default LongParam seed() {
    return new LongParam(
        this, "seed", "what initial weights, permutations and the order of the rows follow from");
  }

  default String getPreset() {
    return getOrDefault(preset());
  }

  default S setPreset(String preset) {
    return with(preset(), preset);
  }

  default int getCouplings() {
    return (int) getOrDefault(couplings());
  }

  default S setCouplings(int value) {
    return with(couplings(), value);
  }

  default int[] getHidden() {
    return getOrDefault(hidden());
  }

  default S setHidden(int... sizes) {
    return with(hidden(), sizes);
  }

  default String getConditioner() {
    return getOrDefault(conditioner());
  }

  default S setConditioner(String conditioner) {
    return with(conditioner(), conditioner);
  }

  default int getClassEmbedding() {
    return (int) getOrDefault(classEmbedding());
  }

  default S setClassEmbedding(int value) {
    return with(classEmbedding(), value);
  }

  default String getCoupling() {
    return getOrDefault(coupling());
  }

  default S setCoupling(String coupling) {
    return with(coupling(), coupling);
  }

  default String getMask() {
    return getOrDefault(mask());
  }

  default S setMask(String mask) {
    return with(mask(), mask);
  }

  default boolean getPermute() {
    return (boolean) getOrDefault(permute());
  }

  default S setPermute(boolean value) {
    return with(permute(), value);
  }

  default String getLinear() {
    return getOrDefault(linear());
  }

  default S setLinear(String linear) {
    return with(linear(), linear);
  }

  default boolean getBatchNorm() {
    return (boolean) getOrDefault(batchNorm());
  }

  default S setBatchNorm(boolean value) {
    return with(batchNorm(), value);
  }

  default boolean getActivationNorm() {
    return (boolean) getOrDefault(activationNorm());
  }

  default S setActivationNorm(boolean value) {
    return with(activationNorm(), value);
  }

  default boolean getSharedNetwork() {
    return (boolean) getOrDefault(sharedNetwork());
  }

  default S setSharedNetwork(boolean value) {
    return with(sharedNetwork(), value);
  }

  default String getBase() {
    return getOrDefault(base());
  }

  default S setBase(String base) {
    return with(base(), base);
  }

  default boolean getStandardize() {
    return (boolean) getOrDefault(standardize());
  }

  default S setStandardize(boolean value) {
    return with(standardize(), value);
  }

  default double getNoise() {
    return (double) getOrDefault(noise());
  }

  default S setNoise(double value) {
    return with(noise(), value);
  }

  default double getTrim() {
    return (double) getOrDefault(trim());
  }

  default S setTrim(double value) {
    return with(trim(), value);
  }

  default long getSeed() {
    return (long) getOrDefault(seed());
  }

  default S setSeed(long value) {
    return with(seed(), value);
  }
}
