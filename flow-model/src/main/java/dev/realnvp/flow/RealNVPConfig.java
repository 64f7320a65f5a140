package dev.realnvp.flow;

import dev.realnvp.flow.layer.Conditioner;
import java.util.List;

/**
 * The structure of a RealNVP.
 *
 * @param features D, at least 2
 * @param context C, the width of the context; 0 for none
 * @param embedding E, how many values a trained map makes of the context for the couplings; 0 to
 *     give them the context itself
 * @param couplings the number of couplings, at least 1
 * @param hidden the sizes of the conditioner's hidden layers or blocks, at least one
 * @param conditioner how a conditioner is built; a residual one has blocks of one size
 * @param coupling what a coupling does with the features that it changes
 * @param mask which features a coupling keeps
 * @param permute whether a fixed random permutation follows each coupling; otherwise mask and
 *     complement alternate
 * @param linear what mixes the features after each coupling
 * @param batchNorm whether a batch normalization follows in each block
 * @param activationNorm whether a trained scale and shift of each feature ends each block
 * @param sharedNetwork whether an affine coupling has one network for scale and shift, or one for
 *     each
 * @param base what rows are mapped to; {@link BaseDistribution#NORMAL} without a context
 * @param trim how far below the others' a row's likelihood may lie in training before it does not
 *     count, see {@link dev.realnvp.flow.layer.FlowOutputLayer}; 0 if all rows count
 * @param seed of the permutations and the initial weights
 */
public record RealNVPConfig(
    int features,
    int context,
    int embedding,
    int couplings,
    List<Integer> hidden,
    Conditioner.Kind conditioner,
    CouplingTransform coupling,
    CouplingMask mask,
    boolean permute,
    LinearMap linear,
    boolean batchNorm,
    boolean activationNorm,
    boolean sharedNetwork,
    BaseDistribution base,
    double trim,
    long seed) {

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public RealNVPConfig {
    require(features >= 2, "features", features, "at least 2");
    require(context >= 0, "context", context, "at least 0");
    require(embedding >= 0, "embedding", embedding, "at least 0");
    require(embedding == 0 || context > 0, "embedding", embedding, "0 without a context");
    require(couplings >= 1, "couplings", couplings, "at least 1");
    require(hidden != null, "hidden", hidden, "a list of sizes");
    require(
        !hidden.isEmpty() && hidden.stream().allMatch(size -> size != null && size >= 1),
        "hidden",
        hidden,
        "at least one size, each at least 1");
    require(conditioner != null, "conditioner", conditioner, "MLP or RESIDUAL");
    conditioner.require(hidden);
    require(coupling != null, "coupling", coupling, "AFFINE or SPLINE");
    require(mask != null, "mask", mask, "ODD or HALF");
    require(linear != null, "linear", linear, "PERMUTATION or LU");
    require(base != null, "base", base, "NORMAL or CONDITIONAL");
    require(
        base == BaseDistribution.NORMAL || context > 0, "base", base, "NORMAL without a context");
    hidden = List.copyOf(hidden);
  }

  private static void require(boolean valid, String name, Object got, String expected) {
    if (!valid) {
      throw new IllegalArgumentException(name + ": got " + got + ", expected " + expected);
    }
  }

  /** A structure with the defaults of the jobs, but for its sizes; its seed is 0. */
  public static Builder builder(int features, int context, int couplings, List<Integer> hidden) {
    return new Builder(features, context, couplings, hidden);
  }

  /** Collects what differs from the defaults: each method sets the component of its name. */
  public static final class Builder {

    private final int features;
    private final int context;
    private final int couplings;
    private final List<Integer> hidden;
    private int embedding;
    private Conditioner.Kind conditioner = Conditioner.Kind.MLP;
    private CouplingTransform coupling = CouplingTransform.AFFINE;
    private CouplingMask mask = CouplingMask.ODD;
    private boolean permute = true;
    private LinearMap linear;
    private boolean batchNorm = true;
    private boolean activationNorm;
    private boolean sharedNetwork = true;
    private BaseDistribution base = BaseDistribution.NORMAL;
    private double trim;
    private long seed;

    private Builder(int features, int context, int couplings, List<Integer> hidden) {
      this.features = features;
      this.context = context;
      this.couplings = couplings;
      this.hidden = hidden;
      this.linear = LinearMap.of(features);
    }

    public Builder embedding(int value) {
      embedding = value;
      return this;
    }

    public Builder conditioner(Conditioner.Kind value) {
      conditioner = value;
      return this;
    }

    public Builder coupling(CouplingTransform value) {
      coupling = value;
      return this;
    }

    public Builder mask(CouplingMask value) {
      mask = value;
      return this;
    }

    public Builder permute(boolean value) {
      permute = value;
      return this;
    }

    public Builder linear(LinearMap value) {
      linear = value;
      return this;
    }

    public Builder batchNorm(boolean value) {
      batchNorm = value;
      return this;
    }

    public Builder activationNorm(boolean value) {
      activationNorm = value;
      return this;
    }

    public Builder sharedNetwork(boolean value) {
      sharedNetwork = value;
      return this;
    }

    public Builder base(BaseDistribution value) {
      base = value;
      return this;
    }

    public Builder trim(double value) {
      trim = value;
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * The structure.
     *
     * @throws IllegalArgumentException if a value is out of range
     */
    public RealNVPConfig build() {
      return new RealNVPConfig(
          features,
          context,
          embedding,
          couplings,
          hidden,
          conditioner,
          coupling,
          mask,
          permute,
          linear,
          batchNorm,
          activationNorm,
          sharedNetwork,
          base,
          trim,
          seed);
    }
  }
}
