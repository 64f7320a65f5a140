package dev.realnvp.images.convolution;

import dev.realnvp.engine.DenseStage;
import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StagedLayer;
import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A dense layer with a bias, and ReLU or the identity: {@code y = act(x W + b)}, x {@code [N,
 * nIn]}, W {@code [nIn, nOut]}, y {@code [N, nOut]}.
 *
 * <p>DL4J's own dense layer has no stage.
 */
public final class Dense extends FeedForwardLayer implements StagedLayer {

  private Dense() {}

  /**
   * @param in input values per row
   * @param out output values per row
   * @param activation IDENTITY or RELU
   */
  public Dense(int in, int out, Activation activation) {
    this(new DenseLayer.Builder().nIn(in).nOut(out).activation(activation));
  }

  private Dense(DenseLayer.Builder builder) {
    super(builder);
    initializeConstraints(builder);
  }

  @Override
  public Stage stage() {
    return new DenseStage(
        Math.toIntExact(nIn), Math.toIntExact(nOut), ConvolutionShape.rectified(activationFn));
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialize,
      DataType dataType) {
    return new ArrayLayer<Dense>(conf, dataType, new long[] {nIn}, new long[] {nOut})
        .set(listeners, index, parameters, initialize);
  }

  @Override
  public ParamInitializer initializer() {
    return DefaultParamInitializer.getInstance();
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    long parameters = initializer().numParams(this);
    return new LayerMemoryReport.Builder(
            layerName, Dense.class, inputType, getOutputType(-1, inputType))
        .standardMemory(parameters, getIUpdater().stateSize(parameters))
        .workingMemory(0, 0, 0, nOut)
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }
}
