package dev.realnvp.images.convolution;

import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Initial values, uniform in {@code +-1 / sqrt(fanIn)} for weights and biases alike: as in
 * PyTorch's layers (He et al. 2015, "Delving Deep into Rectifiers", with a = sqrt(5)).
 *
 * <p>The fan-in is the number of rows of a dense layer's {@code [in, out]}, and the length of
 * {@code W[0]} of a kernel. The latter is, for a transposed convolution, PyTorch's convention as
 * well.
 */
public final class FanInUniform {

  private FanInUniform() {}

  /** Re-initializes every parameter of a network; the same seed gives the same values. */
  public static void initialize(MultiLayerNetwork network, long seed) {
    Random random = new Random(seed);
    for (Layer layer : network.getLayers()) {
      Map<String, INDArray> parameters = layer.paramTable();
      INDArray weights = parameters.get(DefaultParamInitializer.WEIGHT_KEY);
      if (weights != null) {
        long fanIn = weights.rank() == 2 ? weights.size(0) : weights.length() / weights.size(0);
        double bound = 1 / Math.sqrt(fanIn);
        fill(weights, bound, random);
        INDArray bias = parameters.get(DefaultParamInitializer.BIAS_KEY);
        if (bias != null) {
          fill(bias, bound, random);
        }
      }
    }
  }

  private static void fill(INDArray parameter, double bound, Random random) {
    double[] values = new double[Math.toIntExact(parameter.length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = bound * (2 * random.nextDouble() - 1);
    }
    parameter.assign(
        Nd4j.createFromArray(values).reshape('c', parameter.shape()).castTo(parameter.dataType()));
  }
}
