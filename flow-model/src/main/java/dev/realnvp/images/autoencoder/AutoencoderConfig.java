package dev.realnvp.images.autoencoder;

import dev.realnvp.images.convolution.ImageShape;
import java.util.List;

/**
 * The structure of an autoencoder.
 *
 * @param image the shape of its images
 * @param channels of its convolutions, one after the other; each halves height and width
 * @param code the width of the code
 * @param seed of its initial parameters
 */
public record AutoencoderConfig(ImageShape image, List<Integer> channels, int code, long seed) {

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public AutoencoderConfig {
    if (image == null) {
      throw new IllegalArgumentException("image: got null, expected a shape");
    }
    if (channels == null || channels.isEmpty() || channels.stream().anyMatch(c -> c < 1)) {
      throw new IllegalArgumentException(
          "channels: got " + channels + ", expected at least one convolution, each of at least 1");
    }
    channels = List.copyOf(channels);
    if (code < 1) {
      throw new IllegalArgumentException("code: got " + code + ", expected at least 1");
    }
  }
}
