package dev.realnvp.spark.flow;

import com.typesafe.config.Config;
import dev.realnvp.flow.CouplingMask;
import dev.realnvp.flow.CouplingTransform;
import dev.realnvp.flow.LinearMap;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.spark.training.TrainingPlan;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How to make a flow of a table, whatever its width.
 *
 * @param classEmbedding of up to so many classes couplings get the one-hot vector; of more, so many
 *     trained values per class
 * @param couplings how many, at least 1
 * @param hidden the sizes of the conditioner's hidden layers, at least one
 * @param coupling what a coupling does with the features that it changes
 * @param mask which features a coupling keeps
 * @param permute whether a random permutation follows each coupling
 * @param linear what mixes the features after each coupling; empty for what is usual for so many
 *     features
 * @param batchNorm whether a batch normalization does
 * @param sharedNetwork whether a coupling has one network for scale and shift, or one for each
 * @param standardize whether features are brought to mean 0 and variance 1 first
 * @param conditional whether it is conditioned on the class, if rows have one
 * @param context C, how many values at the end of a row's vector the density is conditioned on,
 *     rather than of; 0 for a flow that is conditioned on classes, or on nothing
 * @param plan how it is trained; its seed is that of the initial weights too
 * @param validation the share of the train split to hold out and validate on, at least 0 and below
 *     1; 0 to validate on the test split
 * @param inferenceBatch rows that a task scores at once, for the calibration
 */
public record FlowSettings(
    int classEmbedding,
    int couplings,
    List<Integer> hidden,
    CouplingTransform coupling,
    CouplingMask mask,
    boolean permute,
    Optional<LinearMap> linear,
    boolean batchNorm,
    boolean sharedNetwork,
    boolean standardize,
    boolean conditional,
    int context,
    TrainingPlan plan,
    double validation,
    int inferenceBatch) {

  /**
   * What the section {@code flow} of checked settings describes.
   *
   * @param context C, as above
   */
  public static FlowSettings of(Config config, int context, TrainingPlan plan) {
    Config flow = config.getConfig("flow");
    return new FlowSettings(
        flow.getInt("class-embedding"),
        flow.getInt("couplings"),
        flow.getIntList("hidden"),
        CouplingTransform.valueOf(flow.getString("coupling").toUpperCase(Locale.ROOT)),
        CouplingMask.valueOf(flow.getString("mask").toUpperCase(Locale.ROOT)),
        flow.getBoolean("permute"),
        linear(flow.getString("linear").toUpperCase(Locale.ROOT)),
        flow.getBoolean("batch-norm"),
        flow.getBoolean("shared-network"),
        flow.getBoolean("standardize"),
        flow.getBoolean("conditional"),
        context,
        plan,
        flow.getDouble("validation"),
        config.getInt("inference.batch"));
  }

  private static Optional<LinearMap> linear(String name) {
    return name.equals("AUTO") ? Optional.empty() : Optional.of(LinearMap.valueOf(name));
  }

  /**
   * The flow of so many features, conditioned on so many classes or on {@link #context} numbers.
   */
  RealNVPConfig network(int features, int classes) {
    RealNVPConfig.Builder builder =
        RealNVPConfig.builder(features, context + classes, couplings, hidden)
            .embedding(classes > classEmbedding ? classEmbedding : 0)
            .coupling(coupling)
            .mask(mask)
            .permute(permute)
            .batchNorm(batchNorm)
            .sharedNetwork(sharedNetwork)
            .seed(plan.settings().seed());
    linear.ifPresent(builder::linear);
    return builder.build();
  }
}
