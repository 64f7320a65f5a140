package dev.realnvp.convolution;

import java.util.Arrays;
import java.util.Collection;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinear;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What the layers share: ReLU in place, whose gradient is taken from its result instead of a second
 * forward pass, and arrays as the native ops want them.
 *
 * @param <C> the layer's configuration
 */
abstract class RectifiableLayer<C extends org.deeplearning4j.nn.conf.layers.BaseLayer>
    extends BaseLayer<C> {

  private final boolean rectified;

  /** The last result in training; in the workspace of the step that made it. */
  private INDArray activations;

  RectifiableLayer(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    IActivation activation = layerConf().getActivationFn();
    rectified = activation instanceof ActivationReLU;
    if (!rectified && !(activation instanceof ActivationIdentity)) {
      throw new IllegalArgumentException(
          "activation: got " + activation + ", expected identity or relu " + layerId());
    }
  }

  RectifiableLayer<C> set(
      Collection<TrainingListener> listeners, int index, INDArray parameters, boolean initialize) {
    setListeners(listeners);
    setIndex(index);
    setParamsViewArray(parameters);
    setParamTable(conf.getLayer().initializer().init(conf, parameters, initialize));
    return this;
  }

  /** The activation of an output, in place. */
  final INDArray activated(INDArray output, boolean training) {
    if (rectified) {
      Nd4j.exec(new RectifiedLinear(output, output, 0.0));
      activations = training ? output : null;
    }
    return output;
  }

  /** The gradient before the activation, by that after it; may be in place. */
  final INDArray delta(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray delta = dense(epsilon, ArrayType.BP_WORKING_MEM, workspaces);
    if (rectified) {
      INDArray passed =
          workspaces.createUninitialized(
              ArrayType.BP_WORKING_MEM, dataType, activations.shape(), 'c');
      Nd4j.exec(new Step(activations, passed, 0.0));
      delta.muli(passed);
      activations = null;
    }
    return delta;
  }

  /** The array in the network's type and plain C order; itself if it is that. */
  final INDArray dense(INDArray array, ArrayType type, LayerWorkspaceMgr workspaces) {
    INDArray typed = array.castTo(dataType);
    boolean plain = typed.ordering() == 'c' && Shape.hasDefaultStridesForShape(typed);
    return plain ? typed : workspaces.dup(type, typed, 'c');
  }

  /**
   * @throws IllegalArgumentException unless the input is of this shape, batch aside
   */
  final void requireInput(long... example) {
    long[] got = input.shape();
    if (got.length != 1 + example.length
        || !Arrays.equals(got, 1, got.length, example, 0, example.length)) {
      throw new IllegalArgumentException(
          "input: got shape %s, expected [N, %s] %s"
              .formatted(
                  Arrays.toString(got),
                  Arrays.toString(example).replaceAll("[\\[\\]]", ""),
                  layerId()));
    }
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public void clear() {
    super.clear();
    activations = null;
  }
}
