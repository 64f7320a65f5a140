package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.layer.FlowOutputLayer;
import dev.realnvp.flow.layer.LinearBatchNorm;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class RealNVPTest {

  @Nested
  class Conditional extends TransformContractTest {
    @Override
    protected Transform transform() {
      return RealNVP.of(Networks.of(Configs.small(5, 2, 3, 1))).flow();
    }
  }

  @Nested
  class Unconditional extends TransformContractTest {
    @Override
    protected Transform transform() {
      return RealNVP.of(Networks.of(Configs.small(4, 0, 2, 1))).flow();
    }
  }

  private static INDArray floats(long seed, int count, int columns) {
    INDArray rows = Networks.rows(seed, count, columns);
    return rows == null ? null : rows.castTo(DataType.FLOAT);
  }

  private static void train(RealNVP flow) {
    for (int i = 0; i < 5; i++) {
      flow.network()
          .fit(
              RealNVP.trainingBatch(
                  floats(i, 32, flow.features()), floats(-1 - i, 32, flow.context())));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.realnvp.flow.Configs#all")
  void everyConfigurationTrainsAndIsADensityBothWays(RealNVPConfig config) {
    RealNVP flow = RealNVP.create(config, Configs.ADAM);
    INDArray x = floats(7, 64, config.features());
    INDArray context = floats(8, 64, config.context());
    INDArray before = flow.network().params().dup();
    train(flow);
    assertThat(flow.network().params()).isNotEqualTo(before);

    Transformed z = flow.forward(x, context);
    assertThat(flow.inverse(z.outputs(), context).outputs().equalsWithEps(x, 1e-4)).isTrue();
    INDArray logProb = flow.logProb(x, context);
    assertThat(logProb.shape()).containsExactly(64);
    assertThat(flow.network().score(RealNVP.trainingBatch(x, context), false))
        .isCloseTo(-logProb.meanNumber().doubleValue(), within(1e-4));

    RealNVP.Samples samples = flow.sampleAndLogProb(64, context, 3);
    assertThat(samples.logProb().equalsWithEps(flow.logProb(samples.values(), context), 1e-2))
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("dev.realnvp.flow.Configs#all")
  void configurationsRoundTripThroughJson(RealNVPConfig config) {
    MultiLayerConfiguration conf =
        RealNVP.create(config, Configs.ADAM).network().getLayerWiseConfigurations();
    MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(conf.toJson());
    assertThat(read).isEqualTo(conf);
    assertThat(read.toJson()).isEqualTo(conf.toJson());
    assertThat(conf.clone()).isEqualTo(conf);
  }

  @Test
  void anIteratorOfBatchesTrainsLikeTheBatches() {
    RealNVP one = RealNVP.create(Configs.small(4, 2, 2, 1), Configs.ADAM);
    RealNVP other = RealNVP.create(Configs.small(4, 2, 2, 1), Configs.ADAM);
    List<DataSet> batches =
        Stream.of(1L, 2L, 3L)
            .map(seed -> RealNVP.trainingBatch(floats(seed, 16, 4), floats(-seed, 16, 2)))
            .toList();
    batches.forEach(one.network()::fit);
    other.network().fit(new ExistingDataSetIterator(batches));
    assertThat(other.network().params()).isEqualTo(one.network().params());
  }

  @Test
  void layersFollowTheConfiguration() {
    assertThat(layers(CouplingMask.HALF, true, true))
        .isEqualTo(
            "LinearCouplingLayer Permutation LinearBatchNorm LinearCouplingLayer Permutation"
                + " LinearBatchNorm FlowOutputLayer");
    assertThat(layers(CouplingMask.HALF, false, false))
        .isEqualTo("LinearCouplingLayer LinearCouplingLayer FlowOutputLayer");
  }

  private static String layers(CouplingMask mask, boolean permute, boolean batchNorm) {
    RealNVPConfig config =
        new RealNVPConfig(3, 0, 2, List.of(4), mask, permute, batchNorm, true, 1);
    return String.join(
        " ",
        RealNVP.create(config, Configs.ADAM)
            .network()
            .getLayerWiseConfigurations()
            .getConfs()
            .stream()
            .map(conf -> conf.getLayer().getClass().getSimpleName())
            .toList());
  }

  @Test
  void withoutPermutationEveryFeatureMoves() {
    RealNVP flow =
        RealNVP.create(
            new RealNVPConfig(5, 0, 2, List.of(4), CouplingMask.ODDS, false, false, true, 1),
            Configs.ADAM);
    INDArray x = floats(1, 3, 5);
    INDArray z = flow.forward(x, null).outputs();
    for (int i = 0; i < 5; i++) {
      assertThat(z.getColumn(i)).isNotEqualTo(x.getColumn(i));
    }
  }

  @Test
  void theSameSeedGivesTheSameFlowAndTheSameSamples() {
    RealNVP one = RealNVP.create(Configs.small(5, 0, 2, 1), Configs.ADAM);
    RealNVP same = RealNVP.create(Configs.small(5, 0, 2, 1), Configs.ADAM);
    RealNVP other = RealNVP.create(Configs.small(5, 0, 2, 2), Configs.ADAM);
    assertThat(same.network().getLayerWiseConfigurations())
        .isEqualTo(one.network().getLayerWiseConfigurations());
    assertThat(same.network().params()).isEqualTo(one.network().params());
    assertThat(other.network().params()).isNotEqualTo(one.network().params());
    assertThat(one.sample(4, null, 9)).isEqualTo(same.sample(4, null, 9));
    assertThat(one.sample(4, null, 10)).isNotEqualTo(one.sample(4, null, 9));
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
    MultiLayerNetwork headless = network(new LinearBatchNorm(2, 0), new LinearBatchNorm(2, 0));
    assertThatThrownBy(() -> RealNVP.of(headless))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The network is no flow: layer 1 of 2 is LinearBatchNorm, expected FlowOutputLayer"
                + " after at least one invertible layer");
    MultiLayerNetwork other = network(new LinearBatchNorm(2, 0), new FlowOutputLayer(2, 1));
    assertThatThrownBy(() -> RealNVP.of(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The network is no flow: its output layer has 2 features and 1 context values,"
                + " expected 2 and 0");
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
    DataSet batch = RealNVP.trainingBatch(floats(1, 16, 4), null);
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
