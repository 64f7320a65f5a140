package dev.realnvp.flow.layer;

import dev.realnvp.flow.Transform;
import dev.realnvp.flow.Transformed;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An invertible layer, as a DL4J layer for training and as a {@link Transform} for everything else.
 * A subclass says its mathematics once, in {@link #pass} and {@link #invert}, on features and
 * context; how a row travels stays in here.
 *
 * <p>As a transform it holds no state but the parameters, and may be used by several threads while
 * nobody trains.
 */
abstract class FlowLayerImpl<C extends FlowLayer> extends BaseLayer<C> implements Transform {

  private transient Pass pass;

  FlowLayerImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  /**
   * {@code z = f(x; context)}.
   *
   * @param x {@code [N, D]}, column-major
   * @param context {@code [N, C]}, column-major; null where C is 0
   * @param training whether batch statistics are those of this batch
   */
  abstract Pass pass(INDArray x, INDArray context, boolean training);

  /** {@code x = f^-1(z; context)}, with its log-determinant, {@code [N, 1]}. */
  abstract Transformed invert(INDArray z, INDArray context);

  @Override
  public final int features() {
    return layerConf().features();
  }

  @Override
  public final int context() {
    return layerConf().context();
  }

  @Override
  public final Transformed forward(INDArray inputs, INDArray context) {
    FlowRows rows = layerConf().rows();
    INDArray x = columnMajor(rows.requireFeatures("inputs", inputs));
    Pass forward = pass(x, columnMajor(rows.requireContext(context, x.size(0))), false);
    return transformed(forward.outputs(), forward.logAbsDetJacobian());
  }

  @Override
  public final Transformed inverse(INDArray outputs, INDArray context) {
    FlowRows rows = layerConf().rows();
    INDArray z = columnMajor(rows.requireFeatures("outputs", outputs));
    Transformed inverse = invert(z, columnMajor(rows.requireContext(context, z.size(0))));
    return transformed(inverse.outputs(), inverse.logAbsDetJacobian());
  }

  @Override
  public final INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    FlowRows rows = layerConf().rows();
    // All of the pass lives as long as the activations: backpropagation still needs it.
    return Workspaces.within(
        workspaces,
        ArrayType.ACTIVATIONS,
        () -> {
          INDArray in = rows.of(input);
          INDArray context = rows.context(in);
          pass = pass(rows.x(in), context, training);
          return rows.join(pass.outputs(), context, rows.logDet(in).add(pass.logAbsDetJacobian()));
        });
  }

  @Override
  public final Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    FlowRows rows = layerConf().rows();
    INDArray out = rows.of(epsilon);
    INDArray logDet = rows.logDet(out);
    Pass.Gradients in = pass.backward().of(rows.x(out), logDet);
    INDArray context =
        in.context() == null ? rows.context(out) : rows.context(out).add(in.context());
    Gradient gradient = new DefaultGradient();
    for (String name : layerConf().layout().names()) {
      gradient.setGradientFor(name, gradientViews.get(name));
    }
    INDArray next =
        Workspaces.within(
            workspaces, ArrayType.ACTIVATION_GRAD, () -> rows.join(in.inputs(), context, logDet));
    return new Pair<>(gradient, next);
  }

  @Override
  public final boolean updaterDivideByMinibatch(String name) {
    return layerConf().layout().isTrained(name);
  }

  @Override
  public final boolean isPretrainLayer() {
    return false;
  }

  @Override
  public final void clear() {
    super.clear();
    pass = null;
  }

  private INDArray columnMajor(INDArray array) {
    if (array == null) {
      return null;
    }
    INDArray typed = array.castTo(dataType);
    return typed.ordering() == 'f' && typed.stride(0) == 1 ? typed : typed.dup('f');
  }

  private static Transformed transformed(INDArray outputs, INDArray logDet) {
    return new Transformed(outputs, logDet.reshape(logDet.length()));
  }
}
