package dev.realnvp.images.convolution;

import java.io.Serializable;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;

/**
 * The shape of an image. Its values are stored row by row, in a row pixel by pixel, in a pixel
 * channel by channel ({@code [H, W, C]}).
 *
 * @param height H, in pixels
 * @param width W, in pixels
 * @param channels C, values per pixel: 1 grey, 3 red-green-blue
 */
public record ImageShape(int height, int width, int channels) implements Serializable {

  /**
   * @throws IllegalArgumentException if a length is below 1, or an image exceeds a Java array
   */
  public ImageShape {
    if (height < 1 || width < 1 || channels < 1) {
      throw new IllegalArgumentException(
          "image shape: got %d x %d x %d, expected lengths of at least 1"
              .formatted(height, width, channels));
    }
    if ((long) height * width > Integer.MAX_VALUE / channels) {
      throw new IllegalArgumentException(
          "image shape: got %d x %d x %d, expected less than 2^31 values"
              .formatted(height, width, channels));
    }
  }

  public static ImageShape of(ConvolutionShape convolution) {
    return new ImageShape(convolution.height(), convolution.width(), convolution.channels());
  }

  /** Its convolution into some maps. */
  public ConvolutionShape convolution(Kernel kernel, int maps) {
    return new ConvolutionShape(kernel, height, width, channels, maps);
  }

  /** The maps of that convolution, as the channels of an image. */
  public ImageShape maps(Kernel kernel, int maps) {
    return new ImageShape(kernel.steps(height), kernel.steps(width), maps);
  }

  /** Reads images as vectors. */
  public CnnToFeedForwardPreProcessor flatten() {
    return new CnnToFeedForwardPreProcessor(height, width, channels);
  }

  /** The number of values per image, H W C. */
  public int size() {
    return height * width * channels;
  }

  /** {@code H x W x C}. */
  @Override
  public String toString() {
    return height + " x " + width + " x " + channels;
  }
}
