package dev.realnvp.spark.flow;

import com.typesafe.config.Config;
import dev.realnvp.flow.BaseDistribution;
import dev.realnvp.flow.CouplingMask;
import dev.realnvp.flow.CouplingTransform;
import dev.realnvp.flow.LinearMap;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.flow.layer.Conditioner;
import dev.realnvp.spark.training.Master;
import dev.realnvp.spark.training.TrainingPlan;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;

/**
 * How to make a flow of a table, whatever its width.
 *
 * @param flow the section {@code flow} of checked settings; {@code pipeline.conf} has their meaning
 * @param context C, how many values at the end of a row's vector the density is conditioned on,
 *     rather than of; 0 for a flow that is conditioned on classes, or on nothing
 * @param plan how it is trained; its seed is that of the initial weights too
 * @param inferenceBatch rows that a task scores at once, for the calibration
 */
public record FlowSettings(Config flow, int context, TrainingPlan plan, int inferenceBatch) {

  /** The noise's variance for a table of as many rows as features. */
  private static final double NOISE_VARIANCE = 3;

  private static final double MOST_NOISE = 0.5;

  /** Tukey's outer fence, in interquartile ranges. */
  private static final double OUTER_FENCE = 3;

  /** The share of normal rows that may lie beyond a fence. */
  private static final double BEYOND = 1e-3;

  /**
   * What checked settings describe.
   *
   * @param context C, as above
   */
  public static FlowSettings of(Config config, int context, TrainingPlan plan) {
    return new FlowSettings(
        config.getConfig("flow"), context, plan, config.getInt("inference.batch"));
  }

  /** Whether the flow is conditioned on the class, if rows have one. */
  boolean conditional() {
    return flow.getBoolean("conditional");
  }

  /** Whether features are brought to mean 0 and variance 1 first. */
  boolean standardize() {
    return flow.getBoolean("standardize");
  }

  /** The L2 factor of a flow that knows kinds of features, of the usual one; that which is set. */
  double l2OfKinds(double usual) {
    return TrainingPlan.chosen(flow, "l2").isPresent() ? usual : usual / 4;
  }

  /** The share of the train split to validate on; 0 to validate on the test split. */
  double validation() {
    return flow.getDouble("validation");
  }

  private Optional<Double> number(String name) {
    return TrainingPlan.chosen(flow, name).map(Double::valueOf);
  }

  private <E extends Enum<E>> Optional<E> chosen(String name, Class<E> type) {
    return TrainingPlan.chosen(flow, name)
        .map(text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT)));
  }

  private <E extends Enum<E>> E word(String name, Class<E> type) {
    return chosen(name, type).orElseThrow();
  }

  /** The rows that a table of so many counts as, for what is usual. */
  long usualFor(long rows) {
    return chosen("preset", Preset.class).map(set -> set.rows(rows)).orElse(rows);
  }

  /** Why noise that is set cannot be added; empty if it can, or none is set. */
  public Optional<String> noiseConflict() {
    if (number("noise").orElse(0.0) == 0) {
      return Optional.empty();
    }
    return !standardize()
        ? Optional.of("features that are not standardised")
        : Optional.of("the stock master").filter(no -> plan.settings().master() == Master.STOCK);
  }

  /** What sizes the conditioner takes, if it does not take those that are set; else empty. */
  public Optional<String> hiddenTrouble() {
    return word("conditioner", Conditioner.Kind.class).takes(flow.getIntList("hidden"))
        ? Optional.empty()
        : Optional.of("equal sizes with residual conditioners");
  }

  /**
   * The flow of so many features, conditioned on so many classes or on {@link #context} numbers.
   *
   * @param rows to train on. Of few, or of rows without classes, the statistics of a minibatch are
   *     learnt by heart: no batch normalization, unless nothing else scales a feature
   * @param previous the flow that it goes on from, whose structure is the usual one then
   */
  RealNVPConfig network(int features, int classes, long rows, Optional<RealNVP> previous) {
    Preset usual = Preset.of(usualFor(rows));
    LinearMap map =
        chosen("linear", LinearMap.class)
            .or(() -> previous.map(RealNVP::linear))
            .orElse(LinearMap.of(features));
    int given = context + classes;
    int embedding = flow.getInt("class-embedding");
    return RealNVPConfig.builder(
            features, given, flow.getInt("couplings"), flow.getIntList("hidden"))
        .embedding(classes > embedding ? embedding : 0)
        .conditioner(word("conditioner", Conditioner.Kind.class))
        .coupling(
            chosen("coupling", CouplingTransform.class)
                .or(() -> previous.map(RealNVP::coupling))
                .orElse(
                    usual == Preset.LARGE ? CouplingTransform.SPLINE : CouplingTransform.AFFINE))
        .mask(word("mask", CouplingMask.class))
        .permute(flow.getBoolean("permute"))
        .linear(map)
        .batchNorm(
            TrainingPlan.chosen(flow, "batch-norm")
                .map(set -> flow.getBoolean("batch-norm"))
                .or(() -> previous.map(RealNVP::batchNorm))
                .orElse(map != LinearMap.LU || classes > 0 && usual != Preset.SMALL))
        .activationNorm(flow.getBoolean("activation-norm"))
        .sharedNetwork(flow.getBoolean("shared-network"))
        .base(given > 0 ? word("base", BaseDistribution.class) : BaseDistribution.NORMAL)
        .trim(number("trim").orElse(usual == Preset.SMALL && classes == 0 ? fence(features) : 0))
        .seed(plan.settings().seed())
        .build();
  }

  /**
   * The outer fence, or of fewer than nine features the one that a thousandth of normal rows lies
   * beyond: twice their -log p is, but for a constant, chi-squared with D degrees of freedom. What
   * lies beyond is not learnt, so a nearer fence would cost the likelihood of rows that belong to
   * the table.
   */
  private static double fence(int features) {
    ChiSquaredDistribution losses = new ChiSquaredDistribution(features);
    double quartile = losses.inverseCumulativeProbability(0.75);
    double range = quartile - losses.inverseCumulativeProbability(0.25);
    double tail = losses.inverseCumulativeProbability(1 - BEYOND) - quartile;
    return Math.max(OUTER_FENCE, tail / range);
  }

  /**
   * The standard deviation of the noise for so many features and rows, in those of the features. It
   * fades as rows become many; how fast was found by trying. With the stock master there is none,
   * since it would not be the same each time.
   */
  double noise(int features, long rows) {
    long usual = usualFor(rows);
    double fading = Math.min(Math.sqrt(NOISE_VARIANCE * features / usual), MOST_NOISE);
    boolean few = Preset.of(usual) == Preset.SMALL && plan.settings().master() == Master.AVERAGING;
    return number("noise").orElse(few ? fading : 0);
  }
}
