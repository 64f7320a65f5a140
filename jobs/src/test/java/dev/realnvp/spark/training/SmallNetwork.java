package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** A classifier for {@link ArrayShard}'s rows, the same at each call. */
final class SmallNetwork {

  private SmallNetwork() {}

  static MultiLayerNetwork create(IUpdater updater) {
    return create(updater, DataType.FLOAT);
  }

  static MultiLayerNetwork adam() {
    return create(new Adam(0.01));
  }

  static MultiLayerNetwork create(IUpdater updater, DataType type) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(type)
                .weightInit(WeightInit.XAVIER)
                .updater(updater)
                .list()
                .layer(
                    new DenseLayer.Builder()
                        .nIn(ArrayShard.FEATURES)
                        .nOut(8)
                        .activation(Activation.TANH)
                        .build())
                .layer(
                    new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nIn(8)
                        .nOut(ArrayShard.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    return network;
  }

  static float[] parameters(MultiLayerNetwork network) {
    return network.params().dup().data().asFloat();
  }

  static float[] updater(MultiLayerNetwork network) {
    return network.getUpdater().getStateViewArray().dup().data().asFloat();
  }

  /** Parameters, Adam's state and both counts are the same, bit for bit. */
  static void assertSame(MultiLayerNetwork actual, MultiLayerNetwork expected) {
    assertThat(parameters(actual)).isEqualTo(parameters(expected));
    assertThat(updater(actual)).isEqualTo(updater(expected));
    assertSameCounts(actual, expected);
  }

  static void assertSameCounts(MultiLayerNetwork actual, MultiLayerNetwork expected) {
    assertThat(actual.getIterationCount()).isEqualTo(expected.getIterationCount());
    assertThat(actual.getEpochCount()).isEqualTo(expected.getEpochCount());
  }
}
