package dev.realnvp.convolution;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** Runs a {@link Dense}. */
final class DenseImpl extends RectifiableLayer<Dense> {

  private static final String W = DefaultParamInitializer.WEIGHT_KEY;
  private static final String B = DefaultParamInitializer.BIAS_KEY;

  DenseImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    requireInput(layerConf().getNIn());
    INDArray x = dense(input, ArrayType.FF_WORKING_MEM, workspaces);
    INDArray output =
        workspaces.createUninitialized(
            ArrayType.ACTIVATIONS, dataType, new long[] {x.size(0), layerConf().getNOut()}, 'c');
    multiply(x, getParam(W), output, 0, 0);
    output.addiRowVector(getParam(B));
    return activated(output, training);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray x = dense(input, ArrayType.BP_WORKING_MEM, workspaces);
    INDArray delta = delta(epsilon, workspaces);
    INDArray gradX =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
    multiply(delta, getParam(W), gradX, 0, 1);
    Nd4j.gemm(x, delta, gradientViews.get(W), true, false, 1, 0);
    delta.sum(gradientViews.get(B), 0);
    Gradient gradient = new DefaultGradient();
    gradient.setGradientFor(W, gradientViews.get(W));
    gradient.setGradientFor(B, gradientViews.get(B));
    return new Pair<>(gradient, gradX);
  }

  /** {@code result = a b}, each transposed where its flag is 1; by an op that can write C order. */
  private static void multiply(
      INDArray a, INDArray b, INDArray result, int transposeA, int transposeB) {
    Nd4j.exec(
        DynamicCustomOp.builder("matmul")
            .addInputs(a, b)
            .addOutputs(result)
            .addIntegerArguments(transposeA, transposeB, 0)
            .build());
  }
}
