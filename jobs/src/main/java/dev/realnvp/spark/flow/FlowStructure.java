package dev.realnvp.spark.flow;

import dev.realnvp.flow.CouplingMask;
import dev.realnvp.flow.RealNVPConfig;
import java.util.List;

/**
 * What a flow is made of, whatever the table.
 *
 * @param couplings how many, at least 1
 * @param hidden the sizes of the conditioner's hidden layers, at least one
 * @param mask which features a coupling keeps
 * @param permute whether a random permutation follows each coupling
 * @param batchNorm whether a batch normalization does
 * @param sharedNetwork whether a coupling has one network for scale and shift, or one for each
 * @param standardize whether features are brought to mean 0 and variance 1 first
 * @param conditional whether it is conditioned on the class, where rows have one
 */
public record FlowStructure(
    int couplings,
    List<Integer> hidden,
    CouplingMask mask,
    boolean permute,
    boolean batchNorm,
    boolean sharedNetwork,
    boolean standardize,
    boolean conditional) {

  /** The flow of so many features and context values, whose initial weights follow from a seed. */
  RealNVPConfig of(int features, int context, long seed) {
    return new RealNVPConfig(
        features, context, couplings, hidden, mask, permute, batchNorm, sharedNetwork, seed);
  }
}
