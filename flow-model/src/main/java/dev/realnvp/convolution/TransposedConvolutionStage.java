package dev.realnvp.convolution;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.Matrix;

/** {@link TransposedConvolution} on plain arrays: maps to images {@code [N, H, W, C]}. */
final class TransposedConvolutionStage extends KernelStage {

  TransposedConvolutionStage(TransposedConvolution layer) {
    this(layer, layer.shape());
  }

  private TransposedConvolutionStage(TransposedConvolution layer, ConvolutionShape shape) {
    super(
        shape,
        shape.mapSize(),
        shape.imageSize(),
        shape.channels(),
        layer.hasBias(),
        ConvolutionShape.rectified(layer.getActivationFn()));
  }

  @Override
  public void forward(Batch batch, boolean training) {
    transposeWeights();
    super.forward(batch, training);
  }

  @Override
  void map(int first, int count, Floats x, Floats y) {
    products.transpose(first, count, x, transposedWeights(), y);
  }

  @Override
  void mapBack(int first, int count, Floats dy, Floats dx) {
    products.convolve(first, count, dy, weights(), dx);
  }

  @Override
  void addGradient(int first, int count, Floats x, Floats dy, Matrix gradient) {
    products.gradient(first, count, dy, x, gradient);
  }
}
