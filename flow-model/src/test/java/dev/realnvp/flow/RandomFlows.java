package dev.realnvp.flow;

import dev.realnvp.engine.Batch;
import dev.realnvp.flow.layer.Conditioner;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Random flows for properties, and batches of rows for them. */
final class RandomFlows implements ArbitrarySupplier<RealNVPConfig> {

  static final double RATE = 1e-2;
  static final double L2 = 1e-3;

  /** Of the deviation of other parameters. */
  private static final double LINEAR_SHARE = 1.0 / 3;

  /** So that splines, which may be 20 times as steep, do not multiply roundings by thousands. */
  private static final double SPLINE_SHARE = 1.0 / 2;

  /** Configurations of all sorts. */
  @Override
  public Arbitrary<RealNVPConfig> get() {
    return Combinators.combine(
            Arbitraries.integers().between(2, 9),
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(1, 4),
            Arbitraries.integers().between(1, 17).list().ofMinSize(1).ofMaxSize(3),
            Arbitraries.of(CouplingMask.values()),
            Arbitraries.integers().between(0, 1023))
        .as(
            (features, context, couplings, hidden, mask, bits) ->
                RealNVPConfig.builder(features, context, couplings, sizes(hidden, bits))
                    .conditioner(
                        (bits & 128) == 128 ? Conditioner.Kind.RESIDUAL : Conditioner.Kind.MLP)
                    .activationNorm((bits & 256) == 256)
                    .base(
                        context > 0 && (bits & 512) == 512
                            ? BaseDistribution.CONDITIONAL
                            : BaseDistribution.NORMAL)
                    .embedding(context > 1 && (bits & 64) == 64 ? 2 : 0)
                    .coupling(
                        (bits & 32) == 32 ? CouplingTransform.SPLINE : CouplingTransform.AFFINE)
                    .mask(mask)
                    .permute((bits & 1) == 1)
                    .linear((bits & 8) == 8 ? LinearMap.LU : LinearMap.PERMUTATION)
                    .batchNorm((bits & 2) == 2)
                    .sharedNetwork((bits & 4) == 4)
                    .seed(7 + bits / 16 % 2)
                    .build());
  }

  /** Those of residual blocks are equal. */
  private static List<Integer> sizes(List<Integer> hidden, int bits) {
    return (bits & 128) == 128 ? Collections.nCopies(hidden.size(), hidden.get(0)) : hidden;
  }

  /** What has the structure of another, to change it. */
  static RealNVPConfig.Builder like(RealNVPConfig any) {
    return RealNVPConfig.builder(any.features(), any.context(), any.couplings(), any.hidden())
        .embedding(any.embedding())
        .conditioner(any.conditioner())
        .activationNorm(any.activationNorm())
        .base(any.base())
        .coupling(any.coupling())
        .mask(any.mask())
        .permute(any.permute())
        .linear(any.linear())
        .batchNorm(any.batchNorm())
        .sharedNetwork(any.sharedNetwork())
        .trim(any.trim())
        .seed(any.seed());
  }

  /**
   * A flow whose parameters are all away from their initial values; with an even seed it
   * standardises its features. Its linear maps do not stretch rows so far that the tanh of a
   * coupling saturates, whose slope then has no digits left in single precision.
   */
  static RealNVP flow(RealNVPConfig config) {
    Optimizer optimizer = new Optimizer(RATE, Schedule.CONSTANT, 1, L2);
    double[] ones = new double[config.features()];
    Arrays.fill(ones, 1);
    RealNVP flow =
        config.seed() % 2 == 0
            ? RealNVP.create(config, new FeatureScaling(ones, ones), new double[0], optimizer)
            : RealNVP.create(config, optimizer);
    Networks.scramble(flow.network(), 0.3);
    flow.network().paramTable().forEach((name, value) -> value.muli(share(config, name)));
    return flow;
  }

  private static double share(RealNVPConfig config, String parameter) {
    if (parameter.endsWith("_lu")) {
      return LINEAR_SHARE;
    }
    return config.coupling() == CouplingTransform.SPLINE ? SPLINE_SHARE : 1;
  }

  /** The ranges of parameters that DL4J updates alike. */
  static List<UpdaterBlock> blocks(MultiLayerNetwork network) {
    return ((BaseMultiLayerUpdater<?>) network.getUpdater()).getUpdaterBlocks();
  }

  /** Puts rows into a batch, with what they are conditioned on, if anything. */
  static void fill(Batch batch, INDArray x, INDArray context) {
    batch.rows((int) x.size(0));
    copy(x, batch.inputs().ensureCapacity(x.length()));
    if (context != null) {
      copy(context, batch.context().ensureCapacity(context.length()));
    }
  }

  private static void copy(INDArray from, float[] to) {
    float[] columns = from.dup('f').data().asFloat();
    System.arraycopy(columns, 0, to, 0, columns.length);
  }
}
