package dev.realnvp.flow;

import dev.realnvp.flow.layer.FlowLayer;
import dev.realnvp.flow.layer.FlowOutputLayer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** Networks in double, as checks against numeric derivatives need them. */
public final class Networks {

  private Networks() {}

  /** Layers in a network that does not move, with parameters far from their initial values. */
  public static MultiLayerNetwork of(FlowLayer... layers) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(7)
            .dataType(DataType.DOUBLE)
            .updater(new NoOp())
            .list();
    for (FlowLayer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            list.layer(new FlowOutputLayer(layers[0].features(), layers[0].context())).build());
    network.init();
    return scramble(network);
  }

  /** A flow of this configuration in double that does not move, and is scrambled likewise. */
  public static MultiLayerNetwork of(RealNVPConfig config) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            FlowNetwork.configuration(
                config.seed(), FlowNetwork.layers(config), new NoOp(), List.of(), DataType.DOUBLE));
    network.init();
    return scramble(network);
  }

  private static MultiLayerNetwork scramble(MultiLayerNetwork network) {
    Nd4j.getRandom().setSeed(11);
    for (Map.Entry<String, INDArray> param : network.paramTable().entrySet()) {
      INDArray value = param.getValue();
      INDArray noise = Nd4j.randn(DataType.DOUBLE, value.shape()).muli(0.4);
      value.assign(isPositive(param.getKey()) ? noise.mul(noise).addi(0.5) : noise);
    }
    return network;
  }

  /** Whether a parameter is a variance or a scale. */
  static boolean isPositive(String name) {
    return name.endsWith("_var") || name.endsWith("_scale");
  }

  /** Normally distributed rows, from a seed. */
  public static INDArray rows(long seed, int count, int columns) {
    return columns == 0
        ? null
        : StandardNormal.sample(count, columns, new SplittableRandom(seed), DataType.DOUBLE);
  }
}
