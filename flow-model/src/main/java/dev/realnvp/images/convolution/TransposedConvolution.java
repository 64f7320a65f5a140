package dev.realnvp.images.convolution;

import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StagedLayer;
import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The transpose of a {@link Convolution} as a linear map, with an optional bias, and ReLU or the
 * identity:
 *
 * <pre>y[n, o, a, b] = act(bias[o] + sum W[c, o, u, v] * x[n, c, i, j])
 *   over all c, u, v, i, j with s*i + u - p = a and s*j + v - p = b</pre>
 *
 * <p>Convolutions of several image sizes have the same output size, so y's size is given: {@code
 * [N, nOut, height, width]}. x is {@code [N, nIn, steps(height), steps(width)]}, see {@link
 * Kernel#steps}; W is {@code [nIn, nOut, k, k]}, as for the convolution {@code y -> x}.
 */
public final class TransposedConvolution extends Deconvolution2D implements StagedLayer {

  @JsonProperty private int outputHeight;
  @JsonProperty private int outputWidth;

  private TransposedConvolution() {}

  /**
   * @param shape of images, the outputs, and of the maps that they come from
   * @param bias whether each channel of the images has one
   * @param activation IDENTITY or RELU
   */
  public TransposedConvolution(ConvolutionShape shape, boolean bias, Activation activation) {
    super(shape.layer(bias, activation).nIn(shape.maps()).nOut(shape.channels()));
    outputHeight = shape.height();
    outputWidth = shape.width();
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    return InputType.convolutional(outputHeight, outputWidth, nOut);
  }

  /** The sizes of the map from maps to images. */
  ConvolutionShape shape() {
    return ConvolutionShape.of(this, outputHeight, outputWidth, nOut, nIn);
  }

  @Override
  public Stage stage() {
    return new KernelStage(shape(), true, hasBias(), ConvolutionShape.rectified(getActivationFn()));
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
    return new ArrayLayer<TransposedConvolution>(conf, dataType, shape.mapsOfImage(), shape.image())
        .set(listeners, index, parameters, initialize);
  }
}
