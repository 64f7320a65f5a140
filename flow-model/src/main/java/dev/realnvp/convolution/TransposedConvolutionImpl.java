package dev.realnvp.convolution;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs a {@link TransposedConvolution} by the ops of the convolution y -> x that it is the
 * transpose of: its result is that convolution's gradient by its input, its gradient by its input
 * is that convolution, and the gradients by the weights are the same with input and gradient
 * exchanged.
 */
final class TransposedConvolutionImpl extends KernelImpl<TransposedConvolution> {

  TransposedConvolutionImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    TransposedConvolution c = layerConf();
    Kernel kernel = kernel();
    requireInput(c.getNIn(), kernel.steps(c.outputHeight()), kernel.steps(c.outputWidth()));
    INDArray x = dense(input, ArrayType.FF_WORKING_MEM, workspaces);
    long[] shape = {x.size(0), c.getNOut(), c.outputHeight(), c.outputWidth()};
    INDArray output = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, shape, 'c');
    // conv2d_bp has two results and reads the convolution's input for the other one alone, which is
    // not wanted here.
    INDArray any = workspaces.create(ArrayType.FF_WORKING_MEM, dataType, shape, 'c');
    INDArray unused =
        workspaces.createUninitialized(
            ArrayType.FF_WORKING_MEM, dataType, getParam(W).shape(), 'c');
    ops.gradients(any, getParam(W), x, output, unused);
    if (c.hasBias()) {
      ConvolutionOps.addBias(output, getParam(B));
    }
    return activated(output, training);
  }

  @Override
  void gradients(
      INDArray x, INDArray delta, INDArray gradX, INDArray gradW, LayerWorkspaceMgr workspaces) {
    ops.convolve(delta, getParam(W), gradX);
    INDArray unused =
        workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, delta.shape(), 'c');
    ops.gradients(delta, getParam(W), x, unused, gradW);
  }
}
