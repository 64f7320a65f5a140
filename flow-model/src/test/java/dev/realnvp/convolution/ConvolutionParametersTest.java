package dev.realnvp.convolution;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Where a stage finds its parameters among its layer's. */
class ConvolutionParametersTest {

  /** Each parameter of the layer is set to its own index. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void parametersStandWhereTheLayerHasThem(boolean transposed) {
    ConvolutionShape shape = new ConvolutionShape(new Kernel(3, 2, 1), 7, 6, 2, 5);
    ConvolutionCase given = new ConvolutionCase(shape, transposed, true, true);
    int[] output = given.outputs();
    MultiLayerNetwork network =
        ConvolutionNetworks.of(output[0], output[1], output[2], (Layer) given.layer());
    network.setParams(Nd4j.arange(network.numParams()).castTo(DataType.FLOAT));
    INDArray weights = network.getParam("0_W").permute(2, 3, 1, 0).dup('c');
    assertThat(given.layer().stage().layerIndices())
        .containsExactly(
            Nd4j.concat(0, weights.reshape(-1), network.getParam("0_b").reshape(-1)).toIntVector());
  }
}
