package dev.realnvp.images.convolution;

import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.activations.Activation;
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
public record ConvolutionShape(Kernel kernel, int height, int width, int channels, int maps) {

  /**
   * @throws IllegalArgumentException if the kernel does not fit in the padded image
   */
  public ConvolutionShape {
    kernel.steps(height);
    kernel.steps(width);
  }

  static ConvolutionShape of(
      ConvolutionLayer layer, int height, int width, long channels, long maps) {
    return new ConvolutionShape(
        new Kernel(layer.getKernelSize()[0], layer.getStride()[0], layer.getPadding()[0]),
        height,
        width,
        Math.toIntExact(channels),
        Math.toIntExact(maps));
  }

  /** A layer with the kernel in the making. */
  ConvolutionLayer.Builder layer(boolean bias, Activation activation) {
    return new ConvolutionLayer.Builder()
        .kernelSize(kernel.size(), kernel.size())
        .stride(kernel.stride(), kernel.stride())
        .padding(kernel.padding(), kernel.padding())
        .hasBias(bias)
        .activation(activation);
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

  int mapHeight() {
    return kernel.steps(height);
  }

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

  int weights() {
    return taps() * maps;
  }
}
