package dev.realnvp.convolution;

import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks of layers under test with a squared error behind them, and random arrays. */
final class ConvolutionNetworks {

  private ConvolutionNetworks() {}

  /** The layers, and the sum of squares of what the last of them returns less the labels. */
  static MultiLayerNetwork of(int channels, int height, int width, Layer... layers) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder().dataType(DataType.FLOAT).updater(new NoOp()).list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    if (!(layers[layers.length - 1] instanceof Dense)) {
      list.inputPreProcessor(
          layers.length, new CnnToFeedForwardPreProcessor(height, width, channels));
    }
    list.layer(new LossLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).build());
    MultiLayerConfiguration conf = list.build();
    MultiLayerNetwork network = new MultiLayerNetwork(conf);
    network.init();
    FanInUniform.initialize(network, 3);
    return network;
  }

  static INDArray random(long seed, long... shape) {
    Random random = new Random(seed);
    INDArray array = Nd4j.create(DataType.DOUBLE, shape);
    for (long i = 0; i < array.length(); i++) {
      array.putScalar(i, random.nextGaussian());
    }
    return array.castTo(DataType.FLOAT);
  }

  static double[][][][] doubles(INDArray array) {
    long[] s = array.shape();
    double[][][][] values = new double[(int) s[0]][(int) s[1]][(int) s[2]][(int) s[3]];
    for (int n = 0; n < s[0]; n++) {
      for (int c = 0; c < s[1]; c++) {
        for (int i = 0; i < s[2]; i++) {
          for (int j = 0; j < s[3]; j++) {
            values[n][c][i][j] = array.getDouble(n, c, i, j);
          }
        }
      }
    }
    return values;
  }
}
