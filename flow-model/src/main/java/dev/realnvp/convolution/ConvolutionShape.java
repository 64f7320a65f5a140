package dev.realnvp.convolution;

import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;

/**
 * The sizes of a convolution, and of the transposed one between the same images, in the order of
 * plain arrays: images {@code [N, H, W, C]}, maps {@code [N, h, w, M]}, weights {@code [k, k, C,
 * M]}. A convolution turns images into maps, its transpose maps into images.
 *
 * @param kernel k, its stride and padding
 * @param height H
 * @param width W
 * @param channels C
 * @param maps M
 */
record ConvolutionShape(Kernel kernel, int height, int width, int channels, int maps) {

  static ConvolutionShape of(
      ConvolutionLayer layer, int height, int width, long channels, long maps) {
    return new ConvolutionShape(
        new Kernel(layer.getKernelSize()[0], layer.getStride()[0], layer.getPadding()[0]),
        height,
        width,
        Math.toIntExact(channels),
        Math.toIntExact(maps));
  }

  /**
   * Whether ReLU follows.
   *
   * @throws IllegalArgumentException if anything but ReLU or the identity follows
   */
  static boolean rectified(IActivation activation) {
    if (activation instanceof ActivationReLU) {
      return true;
    }
    if (!(activation instanceof ActivationIdentity)) {
      throw new IllegalArgumentException(
          "activation: got " + activation + ", expected identity or relu");
    }
    return false;
  }

  /** An image's shape for DL4J, {@code [C, H, W]}. */
  long[] image() {
    return new long[] {channels, height, width};
  }

  /** The shape for DL4J of an image's maps, {@code [M, h, w]}. */
  long[] mapsOfImage() {
    return new long[] {maps, mapHeight(), mapWidth()};
  }

  /** h. */
  int mapHeight() {
    return kernel.steps(height);
  }

  /** w. */
  int mapWidth() {
    return kernel.steps(width);
  }

  /** The number of values per image. */
  int imageSize() {
    return height * width * channels;
  }

  /** The number of values in the maps of an image. */
  int mapSize() {
    return mapHeight() * mapWidth() * maps;
  }

  /** The number of values that a kernel covers, k * k * C. */
  int taps() {
    return kernel.size() * kernel.size() * channels;
  }

  /** The number of weights. */
  int weights() {
    return taps() * maps;
  }

  /** The index in {@code [M, C, k, k]} of each element of {@code [k, k, C, M]}. */
  int[] layerIndices() {
    int area = kernel.size() * kernel.size();
    int[] order = new int[weights()];
    for (int i = 0; i < order.length; i++) {
      int map = i % maps;
      int channel = i / maps % channels;
      int place = i / maps / channels;
      order[i] = (map * channels + channel) * area + place;
    }
    return order;
  }
}
