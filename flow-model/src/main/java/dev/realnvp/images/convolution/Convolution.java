package dev.realnvp.images.convolution;

import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StagedLayer;
import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A 2-D convolution (cross-correlation), with an optional bias, and ReLU or the identity:
 *
 * <pre>y[n, o, i, j] = act(b[o] + sum_{c, u, v} W[o, c, u, v] * x[n, c, s*i + u - p, s*j + v - p])
 * </pre>
 *
 * <p>x is {@code [N, nIn, height, width]}, zero outside; W {@code [nOut, nIn, k, k]}; y {@code [N,
 * nOut, steps(height), steps(width)]}, see {@link Kernel#steps}.
 */
public final class Convolution extends ConvolutionLayer implements StagedLayer {

  @JsonProperty private int inputHeight;
  @JsonProperty private int inputWidth;

  private Convolution() {}

  /**
   * @param shape of images, the inputs, and of their maps
   * @param bias whether each map has one
   * @param activation IDENTITY or RELU
   */
  public Convolution(ConvolutionShape shape, boolean bias, Activation activation) {
    super(shape.layer(bias, activation).nIn(shape.channels()).nOut(shape.maps()));
    inputHeight = shape.height();
    inputWidth = shape.width();
  }

  /** The sizes of the map from images to maps. */
  public ConvolutionShape shape() {
    return ConvolutionShape.of(this, inputHeight, inputWidth, nIn, nOut);
  }

  @Override
  public Stage stage() {
    return new KernelStage(
        shape(), false, hasBias(), ConvolutionShape.rectified(getActivationFn()));
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialize,
      DataType dataType) {
    ConvolutionShape shape = shape();
    return new ArrayLayer<Convolution>(conf, dataType, shape.image(), shape.mapsOfImage())
        .set(listeners, index, parameters, initialize);
  }
}
