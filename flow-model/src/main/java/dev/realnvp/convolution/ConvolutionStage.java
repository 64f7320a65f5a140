package dev.realnvp.convolution;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.Matrix;

/** {@link Convolution} on plain arrays: images {@code [N, H, W, C]} to maps. */
final class ConvolutionStage extends KernelStage {

  ConvolutionStage(Convolution layer) {
    this(layer, layer.shape());
  }

  private ConvolutionStage(Convolution layer, ConvolutionShape shape) {
    super(
        shape,
        shape.imageSize(),
        shape.mapSize(),
        shape.maps(),
        layer.hasBias(),
        ConvolutionShape.rectified(layer.getActivationFn()));
  }

  @Override
  public void backward(Batch batch, boolean wanted) {
    if (wanted) {
      transposeWeights();
    }
    super.backward(batch, wanted);
  }

  @Override
  void map(int first, int count, Floats x, Floats y) {
    products.convolve(first, count, x, weights(), y);
  }

  @Override
  void mapBack(int first, int count, Floats dy, Floats dx) {
    products.transpose(first, count, dy, transposedWeights(), dx);
  }

  @Override
  void addGradient(int first, int count, Floats x, Floats dy, Matrix gradient) {
    products.gradient(first, count, x, dy, gradient);
  }
}
