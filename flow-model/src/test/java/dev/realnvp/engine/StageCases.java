package dev.realnvp.engine;

import dev.realnvp.flow.column.Curve;
import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.layer.AffineCoupling;
import dev.realnvp.flow.layer.Conditioner;
import dev.realnvp.flow.layer.ContextEmbedding;
import dev.realnvp.flow.layer.ElementwiseAffine;
import dev.realnvp.flow.layer.FlowOutputLayer;
import dev.realnvp.flow.layer.InvertibleBatchNorm;
import dev.realnvp.flow.layer.InvertibleLinear;
import dev.realnvp.flow.layer.MixedFeatures;
import dev.realnvp.flow.layer.Permutation;
import dev.realnvp.flow.layer.SplineCoupling;
import dev.realnvp.flow.layer.Standardization;
import dev.realnvp.images.autoencoder.BinaryCrossEntropy;
import dev.realnvp.images.classifier.SoftmaxOutput;
import dev.realnvp.images.convolution.Convolution;
import dev.realnvp.images.convolution.ConvolutionShape;
import dev.realnvp.images.convolution.Dense;
import dev.realnvp.images.convolution.Kernel;
import dev.realnvp.images.convolution.TransposedConvolution;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.activations.Activation;

/** All stages that jobs run. A new one is under every contract that applies once it is here. */
final class StageCases {

  private static final List<Boolean> ODD = List.of(false, true, false, true, false);
  private static final List<Boolean> EVENS = List.of(true, false, true, false, true);

  private static final int[] IMAGE = {2, 5, 6};

  private static final StageCase BASE =
      new StageCase(
          "base distribution",
          new FlowOutputLayer(4, 0, 0),
          Affine.Order.COLUMNS,
          6,
          new int[] {4},
          new int[0],
          0,
          0);

  private StageCases() {}

  /** Those of a flow that have a way back to data. */
  static Stream<StageCase> transforms() {
    Conditioner.Kind mlp = Conditioner.Kind.MLP;
    List<Integer> hidden = List.of(6, 4);
    StageCase norm = StageCase.flow("batch norm", new InvertibleBatchNorm(4, 0));
    return Stream.of(
        StageCase.flow(
            "coupling, odd features kept", new AffineCoupling(3, ODD, hidden, true, mlp)),
        StageCase.flow(
            "coupling, even features kept", new AffineCoupling(3, EVENS, hidden, true, mlp)),
        StageCase.flow("coupling, two networks", new AffineCoupling(3, ODD, hidden, false, mlp)),
        StageCase.flow(
            "coupling, no context",
            new AffineCoupling(0, List.of(true, false), List.of(5), true, mlp)),
        StageCase.flow("spline coupling", new SplineCoupling(3, ODD, hidden, 4, 3, mlp)),
        StageCase.flow(
            "coupling, residual network",
            new AffineCoupling(3, ODD, List.of(4, 4), true, Conditioner.Kind.RESIDUAL)),
        StageCase.flow("embedding of the context", new ContextEmbedding(4, 3, 2)),
        StageCase.flow("permutation", new Permutation(0, List.of(3, 1, 0, 2))),
        StageCase.flow(
            "linear map",
            new InvertibleLinear(2, List.of(3, 0, 4, 1, 2), List.of(1, -1, -1, 1, -1))),
        norm,
        norm.withRows(3),
        norm.withRows(1),
        StageCase.flow("elementwise affine", new ElementwiseAffine(4, 3, false)),
        StageCase.flow("elementwise affine, given", new ElementwiseAffine(4, 3, true)),
        StageCase.flow("numbers along curves", new MixedFeatures(0, curves(), hidden, 5)),
        StageCase.flow("standardization", new Standardization(4, 0, List.of())));
  }

  /** Levels, whose way back is by latents, are under MixedFeaturesTest. */
  private static List<FeatureKind> curves() {
    Curve soft = new Curve(0.5, 2, true, 0.5, 0.5);
    return List.of(FeatureKind.continuous(soft, 0), FeatureKind.continuous(Curve.linear(-1, 2), 0));
  }

  static Stream<StageCase> all() {
    return Stream.of(transforms(), maps(), losses()).flatMap(cases -> cases);
  }

  /** Those that leave rows: all but the losses. */
  static Stream<StageCase> layers() {
    return Stream.concat(transforms(), maps());
  }

  /** Those that take rows with weights. */
  static Stream<StageCase> ofAFlow() {
    return Stream.concat(transforms(), Stream.of(BASE));
  }

  /** Those of images and codes. */
  private static Stream<StageCase> maps() {
    return Stream.of(
        StageCase.map(
            "convolution, ReLU",
            convolution(new Kernel(3, 2, 1), Activation.RELU, true),
            IMAGE,
            3,
            3,
            3),
        StageCase.map(
            "convolution",
            convolution(new Kernel(3, 2, 1), Activation.IDENTITY, true),
            IMAGE,
            3,
            3,
            3),
        StageCase.map(
            "convolution, no bias",
            convolution(new Kernel(2, 1, 0), Activation.IDENTITY, false),
            IMAGE,
            3,
            4,
            5),
        StageCase.map(
            "transposed convolution, ReLU",
            transposed(new Kernel(3, 2, 1), Activation.RELU, true),
            new int[] {3, 3, 3},
            IMAGE),
        StageCase.map(
            "transposed convolution",
            transposed(new Kernel(3, 2, 1), Activation.IDENTITY, true),
            new int[] {3, 3, 3},
            IMAGE),
        StageCase.map(
            "transposed convolution, no bias",
            transposed(new Kernel(2, 1, 0), Activation.IDENTITY, false),
            new int[] {3, 4, 5},
            IMAGE),
        StageCase.map("dense, ReLU", dense(Activation.RELU), new int[] {7}, 4),
        StageCase.map("dense", dense(Activation.IDENTITY), new int[] {7}, 4));
  }

  private static Stream<StageCase> losses() {
    return Stream.of(
        BASE,
        StageCase.map("binary cross-entropy", new BinaryCrossEntropy(), new int[] {9}),
        StageCase.map("softmax", new SoftmaxOutput(6, 3), new int[] {6}).asLoss(3));
  }

  private static StagedLayer convolution(Kernel kernel, Activation activation, boolean bias) {
    return new Convolution(new ConvolutionShape(kernel, 5, 6, 2, 3), bias, activation);
  }

  private static StagedLayer transposed(Kernel kernel, Activation activation, boolean bias) {
    return new TransposedConvolution(new ConvolutionShape(kernel, 5, 6, 2, 3), bias, activation);
  }

  private static StagedLayer dense(Activation activation) {
    return new Dense(7, 4, activation);
  }
}
