package dev.realnvp.convolution;

import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StagedLayer;
import java.util.Collection;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.optimize.api.TrainingListener;
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

  private TransposedConvolution(Builder builder) {
    super(builder);
    outputHeight = builder.outputHeight;
    outputWidth = builder.outputWidth;
  }

  /** The height of its output images. */
  public int outputHeight() {
    return outputHeight;
  }

  /** The width of its output images. */
  public int outputWidth() {
    return outputWidth;
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

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof TransposedConvolution that
        && outputHeight == that.outputHeight
        && outputWidth == that.outputWidth;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), outputHeight, outputWidth);
  }

  /** Takes channels, bias and activation (IDENTITY or RELU) by DL4J's own methods. */
  @SuppressWarnings("unchecked") // build() narrows DL4J's <E> E build()
  public static final class Builder extends Deconvolution2D.BaseConvBuilder<Builder> {

    private final int outputHeight;
    private final int outputWidth;

    /**
     * @param kernel of the convolution that this one is the transpose of
     * @param outputHeight of its output images
     * @param outputWidth of its output images
     */
    public Builder(Kernel kernel, int outputHeight, int outputWidth) {
      super(kernel.sizes(), kernel.strides(), kernel.paddings());
      kernel.steps(outputHeight);
      kernel.steps(outputWidth);
      this.outputHeight = outputHeight;
      this.outputWidth = outputWidth;
    }

    @Override
    protected boolean allowCausal() {
      return false;
    }

    @Override
    public TransposedConvolution build() {
      return new TransposedConvolution(this);
    }
  }
}
