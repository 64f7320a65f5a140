package dev.realnvp.flow;

import dev.realnvp.flow.column.Curve;
import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.layer.MixedFeatures;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Flows of features of several kinds, away from their initial values, and rows for them. */
public final class MixedFlows {

  public static final Curve SOFT = new Curve(1, 2, true, 0.3, 0.75);

  /**
   * A category, a number with a zero and missing values, a number with a soft curve, whole numbers
   * with a zero, a number far from 0 along a line, and copies of the first two.
   */
  public static final List<FeatureKind> KINDS =
      List.of(
          discrete(3.5, 0f, 1f, 2f),
          atoms(true, false, 0f),
          FeatureKind.continuous(SOFT, 0.1),
          atoms(false, true, 0f),
          FeatureKind.continuous(Curve.linear(20000.3, 1.7), 0),
          copy(0),
          copy(1));

  private MixedFlows() {}

  static FeatureKind discrete(double others, Float... levels) {
    return new FeatureKind(List.of(levels), false, others, Curve.NONE, false, 0, -1);
  }

  static FeatureKind atoms(boolean missing, boolean whole, Float... levels) {
    return new FeatureKind(List.of(levels), missing, 1, SOFT, whole, 0, -1);
  }

  static FeatureKind copy(int original) {
    return new FeatureKind(List.of(), false, 1, Curve.NONE, false, 0, original);
  }

  /** With and without context; with all sorts of layers after; of all kinds, and of some. */
  public static Stream<RealNVP> all() {
    return Stream.of(
        flow(KINDS, 0),
        flow(KINDS, 3),
        flow(
            KINDS,
            5,
            config -> config.embedding(2).coupling(CouplingTransform.SPLINE).batchNorm(true)),
        flow(
            KINDS.subList(1, 4),
            2,
            config -> config.linear(LinearMap.LU).base(BaseDistribution.CONDITIONAL)),
        flow(List.of(KINDS.get(0), copy(0)), 2),
        flow(KINDS.subList(0, 2), 0),
        flow(List.of(KINDS.get(4), KINDS.get(2)), 2));
  }

  static RealNVP untrained(List<FeatureKind> kinds, int context) {
    return untrained(kinds, context, config -> config);
  }

  private static RealNVP untrained(
      List<FeatureKind> kinds, int context, UnaryOperator<RealNVPConfig.Builder> change) {
    MixedFeatures mixed = new MixedFeatures(context, kinds, List.of(1), 0);
    RealNVPConfig.Builder config =
        RealNVPConfig.builder(Math.max(2, mixed.featuresAfter()), context, 3, List.of(8))
            .batchNorm(false);
    return RealNVP.create(
        change.apply(config).build(),
        kinds,
        new double[mixed.levels()],
        Optional.empty(),
        new float[0][],
        new boolean[0],
        Configs.ADAM);
  }

  /** One with random parameters; masked weights stay 0. */
  static RealNVP flow(List<FeatureKind> kinds, int context) {
    return flow(kinds, context, config -> config);
  }

  private static RealNVP flow(
      List<FeatureKind> kinds, int context, UnaryOperator<RealNVPConfig.Builder> change) {
    RealNVP flow = untrained(kinds, context, change);
    String layer = flow.layers().indexOf(flow.mixed().orElseThrow()) + "_";
    List<String> weights =
        Stream.of("W0", "W1", "W2")
            .map(layer::concat)
            .filter(flow.network().paramTable()::containsKey)
            .toList();
    List<INDArray> masks =
        weights.stream()
            .map(name -> flow.network().getParam(name).neq(0).castTo(DataType.FLOAT))
            .toList();
    Networks.scramble(flow.network(), 0.3);
    for (int i = 0; i < masks.size(); i++) {
      // The gain is large.
      flow.network().getParam(weights.get(i)).muli(masks.get(i)).muli(i == 2 ? 0.1 : 1);
    }
    if (!weights.isEmpty()) {
      flow.network().getParam(layer + "b2").muli(0.1);
    }
    return flow;
  }

  /**
   * Rows of a flow: half of the features that have levels are at one. Numbers are sixteenths, which
   * are no nearer to a knot than the differences by which gradients are computed; some are far
   * away.
   */
  public static INDArray rows(RealNVP flow, long seed, int count) {
    List<FeatureKind> kinds = flow.mixed().orElseThrow().kinds();
    Random random = new Random(seed);
    float[][] rows = new float[count][kinds.size()];
    for (float[] row : rows) {
      for (int j = 0; j < row.length; j++) {
        FeatureKind kind = kinds.get(j);
        double other = Math.rint(48 * random.nextGaussian()) / 16;
        other += kind.isContinuous() ? Math.rint(kind.curve().location()) - 1 : 0;
        other *= kind.curve().soft() && random.nextInt(8) == 0 ? 4096 : 1;
        float original = kind.copied() < 0 ? 0 : row[kind.copied()];
        row[j] =
            kind.size() > 1 && random.nextBoolean()
                ? kind.value(random.nextInt(kind.size() - 1), original)
                : (float) (kind.whole() ? Math.rint(other) : other);
      }
    }
    return Nd4j.createFromArray(rows);
  }
}
