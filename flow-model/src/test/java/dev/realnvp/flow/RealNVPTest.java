package dev.realnvp.flow;

import static dev.realnvp.flow.Networks.doubles;
import static dev.realnvp.flow.Networks.floats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.layer.ElementwiseAffine;
import dev.realnvp.flow.layer.FlowLayer;
import dev.realnvp.flow.layer.FlowOutputLayer;
import dev.realnvp.flow.layer.InvertibleBatchNorm;
import dev.realnvp.flow.layer.Permutation;
import dev.realnvp.flow.layer.Transform;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class RealNVPTest {

  private static void train(RealNVP flow) {
    for (int i = 0; i < 5; i++) {
      flow.network()
          .fit(
              RealNVP.trainingBatch(
                  Networks.rows(i, 32, flow.features()),
                  Networks.rows(-1 - i, 32, flow.context())));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.realnvp.flow.Configs#all")
  void everyConfigurationTrainsAndIsADensityBothWays(RealNVPConfig config) {
    RealNVP flow = RealNVP.create(config, Configs.ADAM);
    INDArray x = Networks.rows(7, 64, config.features());
    INDArray context = Networks.rows(8, 64, config.context());
    INDArray before = flow.network().params().dup();
    train(flow);
    assertThat(flow.network().params()).isNotEqualTo(before);

    double[] logProb = new NaiveFlow(flow).logProb(doubles(x), doubles(context), false);
    assertThat(flow.network().score(RealNVP.trainingBatch(x, context), false))
        .isCloseTo(-DoubleStream.of(logProb).average().orElseThrow(), within(1e-4));
    FlowEngine program = FlowEngine.of(flow);
    float[] values = floats(x);
    values = program.toLatent(values, Networks.context(context), 64);
    double[] logProbOfSamples = new double[64];
    values = program.fromLatent(values, Networks.context(context), logProbOfSamples);
    assertThat(values).containsExactly(floats(x), within(1e-4f));
    assertThat(logProbOfSamples).containsExactly(logProb, within(1e-2));
  }

  @Test
  void anIteratorOfBatchesTrainsLikeTheBatches() {
    RealNVP one = RealNVP.create(Configs.small(4, 2, 2, 1), Configs.ADAM);
    RealNVP other = RealNVP.create(Configs.small(4, 2, 2, 1), Configs.ADAM);
    List<DataSet> batches =
        Stream.of(1L, 2L, 3L)
            .map(
                seed ->
                    RealNVP.trainingBatch(Networks.rows(seed, 16, 4), Networks.rows(-seed, 16, 2)))
            .toList();
    batches.forEach(one.network()::fit);
    other.network().fit(new ExistingDataSetIterator(batches));
    assertThat(other.network().params()).isEqualTo(one.network().params());
  }

  @Test
  void layersFollowTheConfiguration() {
    assertThat(layers(CouplingMask.HALF, true, LinearMap.PERMUTATION, true))
        .isEqualTo(
            "AffineCoupling Permutation InvertibleBatchNorm AffineCoupling Permutation"
                + " InvertibleBatchNorm");
    assertThat(layers(CouplingMask.HALF, false, LinearMap.PERMUTATION, false))
        .isEqualTo("AffineCoupling AffineCoupling");
    for (boolean permute : new boolean[] {true, false}) {
      assertThat(layers(CouplingMask.HALF, permute, LinearMap.LU, false))
          .isEqualTo("AffineCoupling InvertibleLinear AffineCoupling InvertibleLinear");
    }
  }

  @Test
  void normsEndEachBlockAndAConditionalBaseEndsTheFlow() {
    RealNVPConfig config =
        RealNVPConfig.builder(3, 5, 2, List.of(4))
            .embedding(2)
            .activationNorm(true)
            .base(BaseDistribution.CONDITIONAL)
            .build();
    assertThat(layers(config))
        .isEqualTo(
            "ContextEmbedding"
                + " AffineCoupling InvertibleLinear InvertibleBatchNorm ElementwiseAffine"
                + " AffineCoupling InvertibleLinear InvertibleBatchNorm ElementwiseAffine"
                + " ElementwiseAffine");
    List<Transform> layers = RealNVP.create(config, Configs.ADAM).layers();
    assertThat(((ElementwiseAffine) layers.get(4)).conditional()).isFalse();
    assertThat(((ElementwiseAffine) layers.get(9)).conditional()).isTrue();
  }

  /** Beside the weights of couplings, which a seed gives, these have none at first. */
  @Test
  void activationNormsAndAConditionalBaseBeginAsNothing() {
    RealNVPConfig.Builder config = RealNVPConfig.builder(5, 2, 3, List.of(4)).batchNorm(false);
    RealNVP without = RealNVP.create(config.build(), Configs.ADAM);
    RealNVP with =
        RealNVP.create(
            config.activationNorm(true).base(BaseDistribution.CONDITIONAL).build(), Configs.ADAM);
    INDArray x = Networks.rows(1, 7, 5);
    INDArray context = Networks.rows(2, 7, 2);
    assertThat(Networks.logProb(with, x, context)).isEqualTo(Networks.logProb(without, x, context));
  }

  private static String layers(
      CouplingMask mask, boolean permute, LinearMap linear, boolean batchNorm) {
    return layers(
        RealNVPConfig.builder(3, 0, 2, List.of(4))
            .mask(mask)
            .permute(permute)
            .linear(linear)
            .batchNorm(batchNorm)
            .seed(1)
            .build());
  }

  private static String layers(RealNVPConfig config) {
    return String.join(
        " ",
        RealNVP.create(config, Configs.ADAM).layers().stream()
            .map(transform -> transform.getClass().getSimpleName())
            .toList());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void linearMapsBeginAsTheirPermutations(boolean permute) {
    assertThat(logProb(permute, LinearMap.LU))
        .containsExactly(logProb(permute, LinearMap.PERMUTATION), within(1e-6));
  }

  private static double[] logProb(boolean permute, LinearMap linear) {
    RealNVPConfig config =
        RealNVPConfig.builder(5, 0, 3, List.of(4)).permute(permute).linear(linear).seed(1).build();
    double[] logProb = new double[7];
    FlowEngine.of(RealNVP.create(config, Configs.ADAM))
        .logProb(floats(Networks.rows(1, 7, 5)), Context.NONE, logProb);
    return logProb;
  }

  @Test
  void withoutPermutationEveryFeatureMoves() {
    RealNVP flow =
        RealNVP.create(
            RealNVPConfig.builder(5, 0, 2, List.of(4))
                .permute(false)
                .batchNorm(false)
                .seed(1)
                .build(),
            Configs.ADAM);
    INDArray x = Networks.rows(1, 3, 5);
    float[] z = floats(x);
    z = FlowEngine.of(flow).toLatent(z, Context.NONE, 3);
    for (int i = 0; i < z.length; i++) {
      assertThat(z[i]).isNotEqualTo(floats(x)[i]);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 0, -7})
  void theSameSeedGivesTheSameFlow(long seed) {
    RealNVP one = RealNVP.create(Configs.small(5, 0, 2, seed), Configs.ADAM);
    RealNVP same = RealNVP.create(Configs.small(5, 0, 2, seed), Configs.ADAM);
    RealNVP other = RealNVP.create(Configs.small(5, 0, 2, seed + 1), Configs.ADAM);
    assertThat(same.network().getLayerWiseConfigurations())
        .isEqualTo(one.network().getLayerWiseConfigurations());
    assertThat(same.network().params()).isEqualTo(one.network().params());
    assertThat(other.network().params()).isNotEqualTo(one.network().params());
  }

  @Test
  void anotherNetworkIsRefused() {
    MultiLayerNetwork dense =
        network(
            new DenseLayer.Builder().nIn(2).nOut(2).build(),
            new OutputLayer.Builder().nIn(2).nOut(2).build());
    assertThatThrownBy(() -> RealNVP.of(dense))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The network is no flow: layer 0 of 2 is DenseLayer, expected an invertible layer");
    MultiLayerNetwork headless =
        network(
            new FlowLayer(new InvertibleBatchNorm(2, 0)),
            new FlowLayer(new InvertibleBatchNorm(2, 0)));
    assertThatThrownBy(() -> RealNVP.of(headless))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The network is no flow: layer 1 of 2 is InvertibleBatchNorm, expected FlowOutputLayer"
                + " after at least one invertible layer");
    assertRefused(
        "context: got 1 in layer 1 (FlowOutputLayer), expected the 0 of layer 0 (InvertibleBatchNorm)",
        new FlowLayer(new InvertibleBatchNorm(2, 0)),
        new FlowOutputLayer(2, 1, 0));
    assertRefused(
        "features: got 3 in layer 1 (FlowOutputLayer), expected the 2 of layer 0 (InvertibleBatchNorm)",
        new FlowLayer(new InvertibleBatchNorm(2, 0)),
        new FlowOutputLayer(3, 0, 0));
    assertRefused(
        "features: got 3 in layer 1 (Permutation), expected the 2 of layer 0 (InvertibleBatchNorm)",
        new FlowLayer(new InvertibleBatchNorm(2, 1)),
        new FlowLayer(Permutation.identity(3, 1)),
        new FlowOutputLayer(2, 1, 0));
    assertRefused(
        "context: got 0 in layer 1 (Permutation), expected the 1 of layer 0 (InvertibleBatchNorm)",
        new FlowLayer(new InvertibleBatchNorm(2, 1)),
        new FlowLayer(Permutation.identity(2, 0)),
        new FlowOutputLayer(2, 1, 0));
  }

  private static void assertRefused(String reason, Layer... layers) {
    MultiLayerNetwork other = network(layers);
    assertThatThrownBy(() -> RealNVP.of(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The network is no flow: " + reason);
  }

  private static MultiLayerNetwork network(Layer... layers) {
    NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder().list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.build());
    network.init();
    return network;
  }

  @Test
  void regularizationShrinksTrainedParametersAloneAndIsNoPartOfTheScore() {
    Optimizer decayed = new Optimizer(1e-2, Schedule.CONSTANT, 1, 0.5);
    RealNVP with = RealNVP.create(Configs.small(4, 0, 1, 1), decayed);
    RealNVP without = RealNVP.create(Configs.small(4, 0, 1, 1), Configs.ADAM);
    DataSet batch = RealNVP.trainingBatch(Networks.rows(1, 16, 4), null);
    assertThat(with.network().score(batch, true)).isEqualTo(without.network().score(batch, true));
    with.network().fit(batch);
    without.network().fit(batch);
    assertThat(with.network().score()).isEqualTo(without.network().score());
    Map<String, INDArray> a = with.network().paramTable();
    Map<String, INDArray> b = without.network().paramTable();
    assertThat(a.get("0_W0")).isNotEqualTo(b.get("0_W0"));
    assertThat(a.get("0_b0")).isNotEqualTo(b.get("0_b0"));
    assertThat(a.get("2_mean")).isEqualTo(b.get("2_mean"));
    assertThat(a.get("2_var")).isEqualTo(b.get("2_var"));
  }
}
