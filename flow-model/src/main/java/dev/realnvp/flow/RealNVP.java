package dev.realnvp.flow;

import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.layer.AffineCoupling;
import dev.realnvp.flow.layer.ContextEmbedding;
import dev.realnvp.flow.layer.Coupling;
import dev.realnvp.flow.layer.ElementwiseAffine;
import dev.realnvp.flow.layer.FlowLayer;
import dev.realnvp.flow.layer.FlowOutputLayer;
import dev.realnvp.flow.layer.InvertibleBatchNorm;
import dev.realnvp.flow.layer.InvertibleLinear;
import dev.realnvp.flow.layer.MixedFeatures;
import dev.realnvp.flow.layer.Permutation;
import dev.realnvp.flow.layer.SplineCoupling;
import dev.realnvp.flow.layer.Standardization;
import dev.realnvp.flow.layer.Transform;
import dev.realnvp.model.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.RealMatrix;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * A conditional density by change of variables (Dinh et al. 2017, Density estimation using Real
 * NVP): {@code log p(x | context) = log N(f(x; context); 0, I) + log |det df/dx|}, in nats, where f
 * is a stack of blocks, each a coupling, a permutation or linear map, and normalizations as
 * configured, optionally after a standardization of the features, and before an affine map by the
 * context.
 *
 * <p>It wraps the DL4J network that is trained and saved. {@link FlowEngine} computes densities and
 * samples.
 */
public final class RealNVP {

  /** As in Durkan et al. 2019, Neural Spline Flows, appendix B.1. */
  private static final int SPLINE_BINS = 8;

  private static final double SPLINE_BOUND = 3;

  /** As in the first experiments of Germain et al. 2015, MADE, but for their width. */
  private static final List<Integer> DISCRETE_HIDDEN = List.of(128, 128);

  private final MultiLayerNetwork network;

  private RealNVP(MultiLayerNetwork network) {
    this.network = network;
    int last = network.getnLayers() - 1;
    for (int i = 0; i < last; i++) {
      if (!(conf(i) instanceof FlowLayer)) {
        throw otherKind(i, "an invertible layer");
      }
    }
    if (last < 1 || !(conf(last) instanceof FlowOutputLayer output)) {
      throw otherKind(last, "FlowOutputLayer after at least one invertible layer");
    }
    List<Transform> layers = layers();
    for (int i = 1; i < last; i++) {
      requireSame("features", i, layers.get(i - 1).featuresAfter(), layers.get(i).features());
      requireSame("context", i, layers.get(i - 1).contextAfter(), layers.get(i).context());
    }
    requireSame("features", last, layers.get(last - 1).featuresAfter(), output.features());
    requireSame("context", last, layers.get(last - 1).contextAfter(), output.context());
  }

  private void requireSame(String what, int index, int before, int here) {
    if (before != here) {
      throw new IllegalArgumentException(
          "The network is no flow: %s: got %d in layer %d (%s), expected the %d of layer %d (%s)"
              .formatted(what, here, index, name(index), before, index - 1, name(index - 1)));
    }
  }

  private String name(int index) {
    return kind(conf(index) instanceof FlowLayer layer ? layer.transform() : conf(index));
  }

  private static String kind(Object layer) {
    return layer.getClass().getSimpleName();
  }

  /**
   * A new flow, in float, with initial weights that follow from the configuration's seed.
   *
   * @param config its structure
   * @param optimizer how its network trains
   */
  public static RealNVP create(RealNVPConfig config, Optimizer optimizer) {
    return create(config, layers(config, Optional.empty(), List.of(), 0, false), optimizer);
  }

  /**
   * A new flow of features of several kinds. If it has linear maps, one more is before the first
   * coupling, and begins as {@link InvertibleLinear#whitening}: couplings need not learn what
   * covariances say, nor do they begin by bending what nearly follows from other features.
   *
   * @param config its structure; the number of features is that of the kinds' coordinates
   * @param kinds of the features, {@code [D]}
   * @param logFrequencies of the levels of all features, natural logarithms, {@code [S]}
   * @param covariances of the coordinates, {@code [C, C]}, positive definite; empty if they are not
   *     known
   * @param rows a sample of the train rows, {@code [N][D]}, for the distance; none if it is without
   *     groups
   * @param numeric which features are numbers, rather than places of categories, {@code [D]}
   * @param optimizer how its network trains
   */
  public static RealNVP create(
      RealNVPConfig config,
      List<FeatureKind> kinds,
      double[] logFrequencies,
      Optional<RealMatrix> covariances,
      float[][] rows,
      boolean[] numeric,
      Optimizer optimizer) {
    float[] surroundings = Distance.surroundings(kinds, logFrequencies, rows, numeric);
    RealNVP flow =
        create(
            config, layers(config, Optional.empty(), kinds, surroundings.length, true), optimizer);
    org.deeplearning4j.nn.api.Layer mixed =
        flow.network.getLayer(flow.layers().get(0) instanceof MixedFeatures ? 0 : 1);
    if (logFrequencies.length > 0) {
      mixed.setParam(MixedFeatures.FREQUENCIES, Nd4j.createFromArray(logFrequencies));
    }
    if (surroundings.length > 0) {
      mixed.setParam(MixedFeatures.SURROUNDINGS, Nd4j.createFromArray(surroundings));
    }
    covariances.ifPresent(flow::whiten);
    return flow;
  }

  private void whiten(RealMatrix covariances) {
    List<Transform> layers = layers();
    IntStream.range(0, layers.size())
        .filter(i -> layers.get(i) instanceof InvertibleLinear)
        .limit(1)
        // A single number shares the map with a coordinate that belongs to no feature.
        .filter(i -> layers.get(i).features() == covariances.getRowDimension())
        .forEach(
            i ->
                network
                    .getLayer(i)
                    .setParam(InvertibleLinear.LU, InvertibleLinear.whitening(covariances)));
  }

  /**
   * A new flow that standardises its features first. Its densities and samples still refer to the
   * original features.
   *
   * @param config its structure
   * @param scaling of as many features
   * @param noise the standard deviation of what training adds to each standardised feature, {@code
   *     [D]}; empty for none
   * @param optimizer how its network trains
   * @throws IllegalArgumentException if the numbers of features differ
   */
  public static RealNVP create(
      RealNVPConfig config, FeatureScaling scaling, double[] noise, Optimizer optimizer) {
    if (scaling.mean().length != config.features()) {
      throw new IllegalArgumentException(
          "scaling: got %d features, expected %d"
              .formatted(scaling.mean().length, config.features()));
    }
    List<Transform> layers = layers(config, Optional.of(noise), List.of(), 0, false);
    RealNVP flow = create(config, layers, optimizer);
    org.deeplearning4j.nn.api.Layer layer = flow.standardization().orElseThrow();
    layer.setParam(Standardization.MEAN, Nd4j.createFromArray(scaling.mean()));
    layer.setParam(Standardization.SCALE, Nd4j.createFromArray(scaling.scale()));
    return flow;
  }

  /**
   * A flow that goes on from another one: with its structure, its permutations, its standardization
   * and its weights, but without the state of its optimizer.
   *
   * @param previous the other flow
   * @param config the structure that is expected of it; its trim is the new flow's
   * @param noise as of a new flow; null if the features are not standardised
   * @param optimizer how the network trains
   * @throws IllegalArgumentException if the other flow has another structure, whatever its seed
   */
  public static RealNVP continued(
      RealNVP previous, RealNVPConfig config, double[] noise, Optimizer optimizer) {
    List<Transform> before = previous.layers();
    List<Transform> layers =
        layers(
            config,
            Optional.ofNullable(noise),
            previous.mixed().map(MixedFeatures::kinds).orElse(List.of()),
            previous.mixed().map(MixedFeatures::surroundings).orElse(0),
            mixesFirst(before));
    if (before.size() != layers.size()) {
      throw new IllegalArgumentException(
          "got %d layers, expected %d".formatted(before.size(), layers.size()));
    }
    for (int i = 0; i < layers.size(); i++) {
      Transform expected = layers.get(i);
      Transform got = before.get(i);
      boolean same = expected.getClass() == got.getClass();
      if (same && isDrawn(expected)) {
        layers.set(i, got);
      } else if (!(same && expected instanceof Standardization) && !expected.equals(got)) {
        throw new IllegalArgumentException(
            "layer %d: got %s, expected %s"
                .formatted(i, kind(got), same ? "one of other sizes" : kind(expected)));
      }
    }
    RealNVP flow = create(config, layers, optimizer);
    flow.network.setParams(previous.network.params().dup());
    return flow;
  }

  /** Whether a layer has a permutation, which follows from the seed. */
  private static boolean isDrawn(Transform layer) {
    return layer instanceof Permutation || layer instanceof InvertibleLinear;
  }

  /** What its couplings do. */
  public CouplingTransform coupling() {
    return has(SplineCoupling.class) ? CouplingTransform.SPLINE : CouplingTransform.AFFINE;
  }

  /** What mixes the features after each coupling. */
  public LinearMap linear() {
    return has(InvertibleLinear.class) ? LinearMap.LU : LinearMap.PERMUTATION;
  }

  /** Whether it has batch normalizations. */
  public boolean batchNorm() {
    return has(InvertibleBatchNorm.class);
  }

  private boolean has(Class<? extends Transform> kind) {
    return layers().stream().anyMatch(kind::isInstance);
  }

  private static RealNVP create(RealNVPConfig config, List<Transform> layers, Optimizer optimizer) {
    return of(
        configuration(
            config.seed(), layers, config.trim(), optimizer.updater(), optimizer.regularization()));
  }

  /**
   * The flow in a network, for example in a saved one.
   *
   * @throws IllegalArgumentException if the network is of another kind
   */
  public static RealNVP of(MultiLayerNetwork network) {
    return new RealNVP(network);
  }

  /**
   * A flow of these transforms, in float, for parameters from elsewhere. Its optimizer does
   * nothing.
   *
   * @param layers from data to base, at least one
   */
  public static RealNVP of(List<Transform> layers) {
    return of(configuration(0, layers, 0, new NoOp(), List.of()));
  }

  private static RealNVP of(MultiLayerConfiguration configuration) {
    MultiLayerNetwork network = new MultiLayerNetwork(configuration);
    network.init();
    return new RealNVP(network);
  }

  private IllegalArgumentException otherKind(int index, String expected) {
    return new IllegalArgumentException(
        "The network is no flow: layer %d of %d is %s, expected %s"
            .formatted(index, network.getnLayers(), name(index), expected));
  }

  private Layer conf(int index) {
    return network.getLayerWiseConfigurations().getConf(index).getLayer();
  }

  /** The network to train and save. */
  public MultiLayerNetwork network() {
    return network;
  }

  /** The transforms, from data to base. */
  public List<Transform> layers() {
    return IntStream.range(0, network.getnLayers() - 1)
        .mapToObj(i -> ((FlowLayer) conf(i)).transform())
        .toList();
  }

  /** The standardization of the features, if the flow begins with one. */
  public Optional<FeatureScaling> scaling() {
    return standardization()
        .map(
            layer ->
                new FeatureScaling(
                    layer.getParam(Standardization.MEAN).toDoubleVector(),
                    layer.getParam(Standardization.SCALE).toDoubleVector()));
  }

  /** The first layer that does anything with the features, if it standardises them. */
  private Optional<org.deeplearning4j.nn.api.Layer> standardization() {
    List<Transform> layers = layers();
    return IntStream.range(0, layers.size())
        .filter(i -> !(layers.get(i) instanceof ContextEmbedding))
        .limit(1)
        .filter(i -> layers.get(i) instanceof Standardization)
        .mapToObj(network::getLayer)
        .findFirst();
  }

  /** What it knows of features that are not all numbers as they are. */
  public Optional<MixedFeatures> mixed() {
    return layers().stream()
        .filter(MixedFeatures.class::isInstance)
        .map(MixedFeatures.class::cast)
        .findFirst();
  }

  /**
   * The logarithms of the frequencies of the levels of all features, {@code [S]}; none without
   * {@link #mixed}.
   */
  public double[] logFrequencies() {
    return ofMixed(MixedFeatures.FREQUENCIES).map(INDArray::toDoubleVector).orElse(new double[0]);
  }

  /** What is stored for the distance; empty if nothing is. */
  float[] surroundings() {
    return ofMixed(MixedFeatures.SURROUNDINGS).map(INDArray::toFloatVector).orElse(new float[0]);
  }

  private Optional<INDArray> ofMixed(String parameter) {
    return Arrays.stream(network.getLayers())
        .map(layer -> layer.paramTable().get(parameter))
        .filter(Objects::nonNull)
        .findFirst();
  }

  /**
   * L, the number of latents of a row: the coordinates of its numbers, and one per discrete
   * feature.
   */
  public int latents() {
    List<Transform> layers = layers();
    return layers.get(layers.size() - 1).featuresAfter()
        + layers.stream().mapToInt(Transform::discrete).sum();
  }

  /** D, the number of features. */
  public int features() {
    return layers().get(0).features();
  }

  /** C, the number of context values per row. */
  public int context() {
    return layers().get(0).context();
  }

  /**
   * A batch to fit {@link #network()} to. Labels are zeros, {@code [N, 1]}, because DL4J skips
   * batches without labels.
   *
   * @param x {@code [N, D]}
   * @param context {@code [N, C]}, or null if C is 0
   * @throws IllegalArgumentException if the numbers of rows differ
   */
  public static DataSet trainingBatch(INDArray x, INDArray context) {
    if (context != null && context.size(0) != x.size(0)) {
      throw new IllegalArgumentException(
          "context: got %d rows, expected %d, one for each row of x"
              .formatted(context.size(0), x.size(0)));
    }
    INDArray zeros = Nd4j.zeros(x.dataType(), x.size(0), 1);
    INDArray features =
        context == null ? Nd4j.concat(1, x, zeros) : Nd4j.concat(1, x, context, zeros);
    return new DataSet(features, zeros);
  }

  /**
   * A network of these transforms.
   *
   * @param seed of the initial weights
   * @param layers from data to base, at least one
   * @param trim of the loss
   */
  private static MultiLayerConfiguration configuration(
      long seed,
      List<Transform> layers,
      double trim,
      IUpdater updater,
      List<Regularization> regularization) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(Optimizer.networkSeed(seed))
            .dataType(DataType.FLOAT)
            .updater(updater)
            .trainingWorkspaceMode(WorkspaceMode.ENABLED)
            .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
            .list();
    for (Transform transform : layers) {
      FlowLayer layer = new FlowLayer(transform);
      layer.setRegularization(new ArrayList<>(regularization));
      list.layer(layer);
    }
    Transform end = layers.get(layers.size() - 1);
    return list.layer(new FlowOutputLayer(end.featuresAfter(), end.contextAfter(), trim)).build();
  }

  /** Whether a linear map is before the first coupling. */
  private static boolean mixesFirst(List<Transform> layers) {
    return layers.stream()
        .filter(layer -> layer instanceof InvertibleLinear || layer instanceof Coupling)
        .findFirst()
        .filter(InvertibleLinear.class::isInstance)
        .isPresent();
  }

  /**
   * The transforms of a flow from data to base: blocks of a coupling, a permutation or linear map,
   * a batch normalization and an activation norm; before and after them what the whole flow needs.
   * Without permutations every second coupling changes the features that the others keep.
   *
   * @param noise of the standardization; empty for a flow without
   * @param kinds of the features; empty if all are numbers as they are
   */
  private static List<Transform> layers(
      RealNVPConfig config,
      Optional<double[]> noise,
      List<FeatureKind> kinds,
      int surroundings,
      boolean mixFirst) {
    int features = kinds.isEmpty() ? config.features() : kinds.size();
    int context = config.context();
    SplittableRandom random = new SplittableRandom(config.seed());
    List<Transform> layers = new ArrayList<>();
    if (config.embedding() > 0) {
      layers.add(new ContextEmbedding(features, context, config.embedding()));
      context = config.embedding();
    }
    if (!kinds.isEmpty()) {
      MixedFeatures mixed = new MixedFeatures(context, kinds, DISCRETE_HIDDEN, surroundings);
      layers.add(mixed);
      features = mixed.featuresAfter();
      context = mixed.contextAfter();
      // Levels move and stretch numbers as a whole, which couplings learn more slowly.
      if (features > 0 && mixed.levels() > 0) {
        layers.add(new ElementwiseAffine(features, context, true));
      }
    } else if (noise.isPresent()) {
      layers.add(
          new Standardization(features, context, DoubleStream.of(noise.get()).boxed().toList()));
    }
    if (mixFirst && features > 0 && config.linear() == LinearMap.LU) {
      layers.add(InvertibleLinear.of(Permutation.identity(features, context)));
    }
    for (int i = 0; i < config.couplings() && features > 0; i++) {
      List<Boolean> kept =
          config.permute() || i % 2 == 0
              ? config.mask().kept(features)
              : config.mask().complement(features);
      layers.add(coupling(config, context, kept));
      Permutation permutation =
          config.permute()
              ? Permutation.random(features, context, random)
              : Permutation.identity(features, context);
      if (config.linear() == LinearMap.LU) {
        layers.add(InvertibleLinear.of(permutation));
      } else if (config.permute()) {
        layers.add(permutation);
      }
      if (config.batchNorm()) {
        layers.add(new InvertibleBatchNorm(features, context));
      }
      if (config.activationNorm()) {
        layers.add(new ElementwiseAffine(features, context, false));
      }
    }
    if (config.base() == BaseDistribution.CONDITIONAL && features > 0) {
      layers.add(new ElementwiseAffine(features, context, true));
    }
    return layers;
  }

  private static Transform coupling(RealNVPConfig config, int context, List<Boolean> kept) {
    return switch (config.coupling()) {
      case AFFINE ->
          new AffineCoupling(
              context, kept, config.hidden(), config.sharedNetwork(), config.conditioner());
      case SPLINE ->
          new SplineCoupling(
              context, kept, config.hidden(), SPLINE_BINS, SPLINE_BOUND, config.conditioner());
    };
  }
}
