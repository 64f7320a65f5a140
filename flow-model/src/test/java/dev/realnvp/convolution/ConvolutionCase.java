package dev.realnvp.convolution;

import dev.realnvp.engine.StagedLayer;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.activations.Activation;

/** A layer of either kind, and what its stage is to compute; images are its large side. */
record ConvolutionCase(
    ConvolutionShape shape, boolean transposed, boolean biased, boolean rectified) {

  StagedLayer layer() {
    Activation activation = rectified ? Activation.RELU : Activation.IDENTITY;
    return transposed
        ? new TransposedConvolution.Builder(shape.kernel(), shape.height(), shape.width())
            .nIn(shape.maps())
            .nOut(shape.channels())
            .hasBias(biased)
            .activation(activation)
            .build()
        : new Convolution.Builder(shape.kernel(), shape.height(), shape.width())
            .nIn(shape.channels())
            .nOut(shape.maps())
            .hasBias(biased)
            .activation(activation)
            .build();
  }

  int biases() {
    return biased ? outputs()[0] : 0;
  }

  int[] inputs() {
    return transposed ? maps() : image();
  }

  int[] outputs() {
    return transposed ? image() : maps();
  }

  Terms map(Terms x, Terms w, double[] bias) {
    double[] biasSizes = DoubleStream.of(bias).map(Math::abs).toArray();
    return transposed
        ? new Terms(
            transpose(x.values(), w.values(), bias), transpose(x.sizes(), w.sizes(), biasSizes))
        : new Terms(
            NaiveConvolution.convolve(x.values(), w.values(), bias, shape.kernel()),
            NaiveConvolution.convolve(x.sizes(), w.sizes(), biasSizes, shape.kernel()));
  }

  Terms inputGradient(Terms dy, Terms w) {
    return new ConvolutionCase(shape, !transposed, false, false)
        .map(dy, w, new double[inputs()[0]]);
  }

  Terms weightGradient(Terms x, Terms dy) {
    Terms images = transposed ? dy : x;
    Terms maps = transposed ? x : dy;
    return new Terms(
        NaiveConvolution.gradient(images.values(), maps.values(), shape.kernel()),
        NaiveConvolution.gradient(images.sizes(), maps.sizes(), shape.kernel()));
  }

  private double[][][][] transpose(double[][][][] y, double[][][][] w, double[] bias) {
    return NaiveConvolution.transpose(y, w, bias, shape.kernel(), shape.height(), shape.width());
  }

  private int[] image() {
    return new int[] {shape.channels(), shape.height(), shape.width()};
  }

  private int[] maps() {
    return new int[] {shape.maps(), shape.mapHeight(), shape.mapWidth()};
  }
}
