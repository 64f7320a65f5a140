package dev.realnvp.engine;

import dev.realnvp.engine.arrays.FlatArrays;
import dev.realnvp.engine.arrays.Floats;
import java.util.Collection;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A {@link Stage} as a layer of DL4J: copies its input into a {@link Batch}, runs the stage, and
 * copies back. So DL4J's {@code fit}, {@code output} and serializers accept any layer that has a
 * stage, and the formulas exist only there. A subclass defines the order of rows in DL4J's arrays.
 * It computes in float, whatever the network's type.
 *
 * @param <C> the layer's configuration
 */
public abstract class StageLayer<
        C extends org.deeplearning4j.nn.conf.layers.BaseLayer & StagedLayer>
    extends BaseLayer<C> {

  private final transient Stage stage;
  private final transient Placement placement;
  private final transient Floats values;
  private final transient Floats gradients;
  private final transient Batch batch = new Batch();

  protected StageLayer(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    stage = layerConf().stage();
    int[] order = stage.layerIndices();
    placement = new Placement(order);
    values = Floats.of(new float[order.length]);
    gradients = Floats.of(new float[order.length]);
    stage.bind(values, gradients, 0, stage.trainedCount());
  }

  /** Sets up a new layer, for {@code instantiate} of its configuration. */
  public final StageLayer<C> set(
      Collection<TrainingListener> listeners, int index, INDArray parameters, boolean initialize) {
    setListeners(listeners);
    setIndex(index);
    setParamsViewArray(parameters);
    setParamTable(layerConf().initializer().init(conf, parameters, initialize));
    return this;
  }

  /** Reads the layer's parameters in the order of {@link #params}. */
  @Override
  public final void setParams(INDArray parameters) {
    if (parameters != paramsFlattened) {
      paramsFlattened.assign(parameters.reshape(paramsFlattened.shape()));
    }
  }

  /**
   * Reads a batch's rows, and whatever else the stage needs.
   *
   * @throws IllegalArgumentException if the input is of another shape
   */
  protected abstract void read(INDArray input, Batch to);

  /** The stage's result, as a new array. */
  protected abstract INDArray write(Batch from);

  /** Reads {@code dLoss/doutput}. */
  protected abstract void readGradient(INDArray epsilon, Batch to);

  /** {@code dLoss/dinput}, as a new array. */
  protected abstract INDArray writeGradient(Batch from);

  @Override
  public final INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    read(input, batch.rows(Math.toIntExact(input.size(0))));
    loadParameters();
    stage.forward(batch, training);
    return within(workspaces, ArrayType.ACTIVATIONS, () -> write(batch));
  }

  private void loadParameters() {
    if (values.array().length > 0) {
      placement.gather(FlatArrays.read(paramsFlattened, 'c'), values.array());
    }
  }

  /**
   * After {@link #activate} in training. The gradient of a parameter that is not trained is the
   * amount by which the stage moved it: DL4J's updater subtracts it unchanged.
   */
  @Override
  public final Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    readGradient(epsilon, batch);
    stage.backward(batch, true);
    Gradient gradient = new DefaultGradient();
    if (values.array().length > 0) {
      storeGradients();
      gradientViews.forEach(gradient::setGradientFor);
    }
    return new Pair<>(
        gradient, within(workspaces, ArrayType.ACTIVATION_GRAD, () -> writeGradient(batch)));
  }

  private void storeGradients() {
    float[] before = new float[values.array().length];
    placement.gather(FlatArrays.read(paramsFlattened, 'c'), before);
    for (int i = stage.trainedCount(); i < before.length; i++) {
      gradients.array()[i] = before[i] - values.array()[i];
    }
    float[] inLayer = new float[before.length];
    placement.scatter(gradients.array(), inLayer);
    FlatArrays.write(inLayer, gradientsFlattened);
  }

  /** Runs work; its new arrays live as long as those of the type. */
  @SuppressWarnings("try") // The scope is not used; it only has to be open.
  public static INDArray within(
      LayerWorkspaceMgr workspaces, ArrayType type, Supplier<INDArray> work) {
    try (MemoryWorkspace scope = workspaces.notifyScopeBorrowed(type)) {
      return work.get();
    }
  }

  @Override
  public final boolean isPretrainLayer() {
    return false;
  }
}
