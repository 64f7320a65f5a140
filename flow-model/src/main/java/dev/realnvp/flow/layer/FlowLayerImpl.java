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
   * {@code z = f(x; context)}. Arguments stay as they are; results may share columns with them.
   *
   * @param x D columns
   * @param context C columns
   * @param training whether batch statistics are those of this batch
   */
  abstract Pass pass(double[][] x, double[][] context, boolean training);

  /** {@code x = f^-1(z; context)}, with its log-determinant, likewise. */
  abstract Pass.Inverse invert(double[][] z, double[][] context);

  /** A parameter's elements. */
  final double[] values(String name) {
    return Columns.values(getParam(name));
  }

  /** Says a parameter's gradient, summed over the batch. */
  final void setGradient(String name, double[] values) {
    Columns.store(values, gradientViews.get(name));
  }

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
    double[][] x = rows.features("inputs", inputs);
    Pass forward = pass(x, rows.context(context, x[0].length), false);
    return transformed(forward.outputs(), forward.logAbsDetJacobian());
  }

  @Override
  public final Transformed inverse(INDArray outputs, INDArray context) {
    FlowRows rows = layerConf().rows();
    double[][] z = rows.features("outputs", outputs);
    Pass.Inverse inverse = invert(z, rows.context(context, z[0].length));
    return transformed(inverse.inputs(), inverse.logAbsDetJacobian());
  }

  private Transformed transformed(double[][] columns, double[] logDet) {
    return new Transformed(Columns.toArray(columns, dataType), Columns.toArray(logDet, dataType));
  }

  @Override
  public final INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    FlowRows rows = layerConf().rows();
    double[][] in = rows.of(input);
    double[][] context = rows.context(in);
    // All of the pass lives as long as the activations: backpropagation still needs it.
    return Workspaces.within(
        workspaces,
        ArrayType.ACTIVATIONS,
        () -> {
          pass = pass(rows.x(in), context, training);
          double[] logDet = Columns.sum(rows.logDet(in), pass.logAbsDetJacobian());
          return Columns.toArray(rows.join(pass.outputs(), context, logDet), dataType);
        });
  }

  @Override
  public final Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    FlowRows rows = layerConf().rows();
    double[][] out = rows.of(epsilon);
    double[] logDet = rows.logDet(out);
    Pass.Gradients in = pass.backward().of(rows.x(out), logDet);
    double[][] through = rows.context(out);
    double[][] context = in.context().length == 0 ? through : Columns.sum(through, in.context());
    Gradient gradient = new DefaultGradient();
    for (String name : layerConf().layout().names()) {
      gradient.setGradientFor(name, gradientViews.get(name));
    }
    INDArray next =
        Workspaces.within(
            workspaces,
            ArrayType.ACTIVATION_GRAD,
            () -> Columns.toArray(rows.join(in.inputs(), context, logDet), dataType));
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
}
