package dev.realnvp.spark.flow;

import com.typesafe.config.Config;
import dev.realnvp.flow.BaseDistribution;
import dev.realnvp.flow.CouplingMask;
import dev.realnvp.flow.CouplingTransform;
import dev.realnvp.flow.LinearMap;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.flow.layer.ConditionerKind;
import dev.realnvp.spark.training.Master;
import dev.realnvp.spark.training.TrainingPlan;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;

/**
 * How to make a flow of a table, whatever its width.
 *
 * @param preset what is usual, see below; empty for what is usual for so many rows
 * @param classEmbedding of up to so many classes couplings get the one-hot vector; of more, so many
 *     trained values per class
 * @param couplings how many, at least 1
 * @param hidden the sizes of the conditioner's hidden layers or blocks, at least one
 * @param conditioner how a conditioner is built
 * @param coupling what a coupling does with the features that it changes; empty for what is usual
 * @param mask which features a coupling keeps
 * @param permute whether a random permutation follows each coupling
 * @param linear what mixes the features after each coupling; empty for what is usual for so many
 *     features
 * @param batchNorm whether a batch normalization does; empty for what is usual
 * @param activationNorm whether a trained scale and shift of each feature does
 * @param sharedNetwork whether a coupling has one network for scale and shift, or one for each
 * @param base what rows are mapped to, if the flow is conditioned on anything
 * @param standardize whether features are brought to mean 0 and variance 1 first
 * @param noise the standard deviation of what training then adds to them; empty for what is usual
 * @param trim how far below the others' a row's likelihood may lie before it does not count; empty
 *     for what is usual
 * @param conditional whether it is conditioned on the class, if rows have one
 * @param context C, how many values at the end of a row's vector the density is conditioned on,
 *     rather than of; 0 for a flow that is conditioned on classes, or on nothing
 * @param plan how it is trained; its seed is that of the initial weights too
 * @param validation the share of the train split to hold out and validate on, at least 0 and below
 *     1; 0 to validate on the test split
 * @param inferenceBatch rows that a task scores at once, for the calibration
 */
public record FlowSettings(
    Optional<Preset> preset,
    int classEmbedding,
    int couplings,
    List<Integer> hidden,
    ConditionerKind conditioner,
    Optional<CouplingTransform> coupling,
    CouplingMask mask,
    boolean permute,
    Optional<LinearMap> linear,
    Optional<Boolean> batchNorm,
    boolean activationNorm,
    boolean sharedNetwork,
    BaseDistribution base,
    boolean standardize,
    Optional<Double> noise,
    Optional<Double> trim,
    boolean conditional,
    int context,
    TrainingPlan plan,
    double validation,
    int inferenceBatch) {

  /** The noise's variance for a table of as many rows as features. */
  private static final double NOISE_VARIANCE = 3;

  private static final double MOST_NOISE = 0.5;

  /** Tukey's outer fence, in interquartile ranges. */
  private static final double OUTER_FENCE = 3;

  /** The share of normal rows that may lie beyond a fence. */
  private static final double BEYOND = 1e-3;

  /**
   * What the section {@code flow} of checked settings describes.
   *
   * @param context C, as above
   */
  public static FlowSettings of(Config config, int context, TrainingPlan plan) {
    Config flow = config.getConfig("flow");
    return new FlowSettings(
        chosen(flow, "preset", Preset.class),
        flow.getInt("class-embedding"),
        flow.getInt("couplings"),
        flow.getIntList("hidden"),
        ConditionerKind.valueOf(flow.getString("conditioner").toUpperCase(Locale.ROOT)),
        chosen(flow, "coupling", CouplingTransform.class),
        CouplingMask.valueOf(flow.getString("mask").toUpperCase(Locale.ROOT)),
        flow.getBoolean("permute"),
        chosen(flow, "linear", LinearMap.class),
        TrainingPlan.chosen(flow, "batch-norm").map(set -> flow.getBoolean("batch-norm")),
        flow.getBoolean("activation-norm"),
        flow.getBoolean("shared-network"),
        BaseDistribution.valueOf(flow.getString("base").toUpperCase(Locale.ROOT)),
        flow.getBoolean("standardize"),
        TrainingPlan.chosen(flow, "noise").map(Double::valueOf),
        TrainingPlan.chosen(flow, "trim").map(Double::valueOf),
        flow.getBoolean("conditional"),
        context,
        plan,
        flow.getDouble("validation"),
        config.getInt("inference.batch"));
  }

  private static <E extends Enum<E>> Optional<E> chosen(Config flow, String name, Class<E> type) {
    return TrainingPlan.chosen(flow, name)
        .map(text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT)));
  }

  /** The rows that a table of so many counts as, for what is usual. */
  long usualFor(long rows) {
    return preset.map(set -> set.rows(rows)).orElse(rows);
  }

  /** Why noise that is set cannot be added; empty if it can, or none is set. */
  public Optional<String> noiseTrouble() {
    if (noise.orElse(0.0) == 0) {
      return Optional.empty();
    }
    return !standardize
        ? Optional.of("features that are not standardised")
        : Optional.of("the stock master").filter(no -> plan.settings().master() == Master.STOCK);
  }

  /** What sizes the conditioner takes, if it does not take those that are set; else empty. */
  public Optional<String> hiddenTrouble() {
    return conditioner.takes(hidden)
        ? Optional.empty()
        : Optional.of("equal sizes with residual conditioners");
  }

  /**
   * The flow of so many features, conditioned on so many classes or on {@link #context} numbers.
   *
   * @param rows to train on. Of few, which may hide anomalies, the statistics of a minibatch say
   *     little of the others: no batch normalization, unless nothing else scales a feature
   * @param previous the flow that it goes on from, whose structure is the usual one then
   */
  RealNVPConfig network(int features, int classes, long rows, Optional<RealNVP> previous) {
    Preset usual = Preset.of(usualFor(rows));
    LinearMap map = linear.or(() -> previous.map(RealNVP::linear)).orElse(LinearMap.of(features));
    int given = context + classes;
    return RealNVPConfig.builder(features, given, couplings, hidden)
        .embedding(classes > classEmbedding ? classEmbedding : 0)
        .conditioner(conditioner)
        .coupling(
            coupling
                .or(() -> previous.map(RealNVP::coupling))
                .orElse(
                    usual == Preset.LARGE ? CouplingTransform.SPLINE : CouplingTransform.AFFINE))
        .mask(mask)
        .permute(permute)
        .linear(map)
        .batchNorm(
            batchNorm
                .or(() -> previous.map(RealNVP::batchNorm))
                .orElse(usual != Preset.SMALL || map != LinearMap.LU))
        .activationNorm(activationNorm)
        .sharedNetwork(sharedNetwork)
        .base(given > 0 ? base : BaseDistribution.NORMAL)
        .trim(trim.orElse(usual == Preset.SMALL && classes == 0 ? fence(features) : 0))
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
    return noise.orElse(few ? fading : 0);
  }
}
