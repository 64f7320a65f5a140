package dev.realnvp.images.classifier;

import dev.realnvp.images.convolution.ImageShape;
import java.util.List;

/**
 * The structure of a classifier.
 *
 * @param image the shape of its images
 * @param channels of its convolutions, one after the other; each halves height and width
 * @param dense the width of the hidden layer after them
 * @param classes the number of classes, K
 * @param seed of its initial parameters
 */
public record ClassifierConfig(
    ImageShape image, List<Integer> channels, int dense, int classes, long seed) {

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public ClassifierConfig {
    if (image == null) {
      throw new IllegalArgumentException("image: got null, expected a shape");
    }
    if (channels == null || channels.isEmpty() || channels.stream().anyMatch(c -> c < 1)) {
      throw new IllegalArgumentException(
          "channels: got " + channels + ", expected at least one convolution, each of at least 1");
    }
    channels = List.copyOf(channels);
    if (dense < 1) {
      throw new IllegalArgumentException("dense: got " + dense + ", expected at least 1");
    }
    if (classes < 2) {
      throw new IllegalArgumentException("classes: got " + classes + ", expected at least 2");
    }
  }
}
