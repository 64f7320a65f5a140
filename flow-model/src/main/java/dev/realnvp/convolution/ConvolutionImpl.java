package dev.realnvp.convolution;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs a {@link Convolution}. */
final class ConvolutionImpl extends RectifiableLayer<Convolution> {

  private static final String W = ConvolutionParamInitializer.WEIGHT_KEY;
  private static final String B = ConvolutionParamInitializer.BIAS_KEY;

  private final ConvolutionOps ops;

  ConvolutionImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    ops = new ConvolutionOps(layerConf());
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    Convolution c = layerConf();
    requireInput(c.getNIn(), c.inputHeight(), c.inputWidth());
    INDArray x = dense(input, ArrayType.FF_WORKING_MEM, workspaces);
    Kernel kernel = new Kernel(c.getKernelSize()[0], c.getStride()[0], c.getPadding()[0]);
    long[] shape = {
      x.size(0), c.getNOut(), kernel.steps(c.inputHeight()), kernel.steps(c.inputWidth())
    };
    INDArray output = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, shape, 'c');
    if (c.hasBias()) {
      ops.convolve(x, getParam(W), getParam(B), output);
    } else {
      ops.convolve(x, getParam(W), output);
    }
    return activated(output, training);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray x = dense(input, ArrayType.BP_WORKING_MEM, workspaces);
    INDArray delta = delta(epsilon, workspaces);
    INDArray gradX =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
    ops.gradients(x, getParam(W), delta, gradX, gradientViews.get(W));
    Gradient gradient = new DefaultGradient();
    gradient.setGradientFor(W, gradientViews.get(W));
    if (layerConf().hasBias()) {
      ConvolutionOps.biasGradient(delta, gradientViews.get(B));
      gradient.setGradientFor(B, gradientViews.get(B));
    }
    return new Pair<>(gradient, gradX);
  }

  @Override
  public Type type() {
    return Type.CONVOLUTIONAL;
  }

  @Override
  public boolean hasBias() {
    return layerConf().hasBias();
  }
}
