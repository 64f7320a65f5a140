package dev.realnvp.images.convolution;

import dev.realnvp.engine.StagedLayer;
import org.nd4j.linalg.activations.Activation;

/** A layer of either kind, and what its stage is to compute; images are its large side. */
record ConvolutionCase(
    ConvolutionShape shape, boolean transposed, boolean biased, boolean rectified) {

  StagedLayer layer() {
    Activation activation = rectified ? Activation.RELU : Activation.IDENTITY;
    return transposed
        ? new TransposedConvolution(shape, biased, activation)
        : new Convolution(shape, biased, activation);
  }

  /** Values per row that go in. */
  int inputs() {
    return transposed ? shape.mapSize() : shape.imageSize();
  }

  /** Values per row that come out. */
  int outputs() {
    return transposed ? shape.imageSize() : shape.mapSize();
  }

  /** The channels of what comes out. */
  int channels() {
    return transposed ? shape.channels() : shape.maps();
  }

  int biases() {
    return biased ? channels() : 0;
  }

  /**
   * A pair of a pixel and a map's value that a weight connects: indices into {@code [N, H, W, C]},
   * {@code [N, h, w, M]} and the layer's parameters, the bias followed by {@code [M, C, k, k]}.
   */
  interface Tap {
    void at(int pixel, int map, int weight);
  }

  /** Visits all taps of some rows, as a convolution is defined. */
  void taps(int rows, Tap tap) {
    Kernel k = shape.kernel();
    int channels = shape.channels();
    for (int at = 0; at < rows * shape.mapSize(); at++) {
      int map = at % shape.maps();
      int j = at / shape.maps() % shape.mapWidth();
      int i = at / shape.maps() / shape.mapWidth() % shape.mapHeight();
      int n = at / shape.mapSize();
      for (int u = 0; u < k.size(); u++) {
        for (int v = 0; v < k.size(); v++) {
          int row = k.stride() * i + u - k.padding();
          int column = k.stride() * j + v - k.padding();
          if (row >= 0 && row < shape.height() && column >= 0 && column < shape.width()) {
            int pixel = ((n * shape.height() + row) * shape.width() + column) * channels;
            for (int c = 0; c < channels; c++) {
              int weight = ((map * channels + c) * k.size() + u) * k.size() + v;
              tap.at(pixel + c, at, biases() + weight);
            }
          }
        }
      }
    }
  }
}
