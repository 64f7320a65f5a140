package dev.realnvp.images.convolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Where a stage finds its parameters among its layer's, and what a layer is. */
class ConvolutionParametersTest {

  private static final Kernel KERNEL = new Kernel(3, 2, 1);

  /** Each parameter of the layer is set to its own index. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void parametersStandWhereTheLayerHasThem(boolean transposed) {
    ConvolutionShape shape = new ConvolutionShape(KERNEL, 7, 6, 2, 5);
    ConvolutionCase given = new ConvolutionCase(shape, transposed, true, true);
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .list()
                .layer((Layer) given.layer())
                .build());
    network.init();
    network.setParams(Nd4j.arange(network.numParams()).castTo(DataType.FLOAT));
    INDArray weights = network.getParam("0_W").permute(2, 3, 1, 0).dup('c');
    assertThat(given.layer().stage().layerIndices())
        .containsExactly(
            Nd4j.concat(0, weights.reshape(-1), network.getParam("0_b").reshape(-1)).toIntVector());
  }

  @Test
  void activationsThatItDoesNotRunAreRefused() {
    ConvolutionShape shape = new ConvolutionShape(KERNEL, 7, 6, 3, 5);
    assertThatThrownBy(() -> new Convolution(shape, true, Activation.TANH).stage())
        .hasMessage("activation: got tanh, expected identity or relu");
  }
}
