package dev.realnvp.images.convolution;

import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;

/**
 * The shape of an image.
 *
 * @param channels C
 * @param height H, in pixels
 * @param width W, in pixels
 */
public record ImageShape(int channels, int height, int width) {

  /**
   * @throws IllegalArgumentException if a length is below 1, or an image exceeds a Java array
   */
  public ImageShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "image shape: got %dx%dx%d, expected lengths of at least 1"
              .formatted(channels, height, width));
    }
    if ((long) height * width > Integer.MAX_VALUE / channels) {
      throw new IllegalArgumentException(
          "image shape: got %dx%dx%d, expected less than 2^31 values"
              .formatted(channels, height, width));
    }
  }

  /** That of the images of a convolution. */
  public static ImageShape of(ConvolutionShape convolution) {
    return new ImageShape(convolution.channels(), convolution.height(), convolution.width());
  }

  /** Its convolution into some maps. */
  public ConvolutionShape convolution(Kernel kernel, int maps) {
    return new ConvolutionShape(kernel, height, width, channels, maps);
  }

  /** The maps of that convolution, as the channels of an image. */
  public ImageShape maps(Kernel kernel, int maps) {
    return new ImageShape(maps, kernel.steps(height), kernel.steps(width));
  }

  /** Reads images as vectors. */
  public CnnToFeedForwardPreProcessor flatten() {
    return new CnnToFeedForwardPreProcessor(height, width, channels);
  }

  /** The number of values per image, C * H * W. */
  public int pixels() {
    return channels * height * width;
  }

  /** CxHxW. */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
