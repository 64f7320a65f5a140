package dev.realnvp.convolution;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the two convolutions share when DL4J runs them.
 *
 * @param <C> the layer's configuration
 */
abstract class KernelImpl<C extends ConvolutionLayer> extends RectifiableLayer<C> {

  static final String W = ConvolutionParamInitializer.WEIGHT_KEY;
  static final String B = ConvolutionParamInitializer.BIAS_KEY;

  final ConvolutionOps ops;

  KernelImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    ops = new ConvolutionOps(layerConf());
  }

  final Kernel kernel() {
    C c = layerConf();
    return new Kernel(c.getKernelSize()[0], c.getStride()[0], c.getPadding()[0]);
  }

  /**
   * Writes {@code dLoss/dx} and {@code dLoss/dW}.
   *
   * @param delta the gradient before the activation
   */
  abstract void gradients(
      INDArray x, INDArray delta, INDArray gradX, INDArray gradW, LayerWorkspaceMgr workspaces);

  @Override
  public final Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray x = dense(input, ArrayType.BP_WORKING_MEM, workspaces);
    INDArray delta = delta(epsilon, workspaces);
    INDArray gradX =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
    gradients(x, delta, gradX, gradientViews.get(W), workspaces);
    Gradient gradient = new DefaultGradient();
    gradient.setGradientFor(W, gradientViews.get(W));
    if (hasBias()) {
      ConvolutionOps.biasGradient(delta, gradientViews.get(B));
      gradient.setGradientFor(B, gradientViews.get(B));
    }
    return new Pair<>(gradient, gradX);
  }

  @Override
  public final Type type() {
    return Type.CONVOLUTIONAL;
  }

  @Override
  public final boolean hasBias() {
    return layerConf().hasBias();
  }
}
