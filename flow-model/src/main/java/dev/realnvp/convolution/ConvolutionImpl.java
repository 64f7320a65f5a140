package dev.realnvp.convolution;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs a {@link Convolution}. */
final class ConvolutionImpl extends KernelImpl<Convolution> {

  ConvolutionImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    Convolution c = layerConf();
    requireInput(c.getNIn(), c.inputHeight(), c.inputWidth());
    INDArray x = dense(input, ArrayType.FF_WORKING_MEM, workspaces);
    Kernel kernel = kernel();
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
  void gradients(
      INDArray x, INDArray delta, INDArray gradX, INDArray gradW, LayerWorkspaceMgr workspaces) {
    ops.gradients(x, getParam(W), delta, gradX, gradW);
  }
}
