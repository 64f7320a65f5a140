package dev.realnvp.images.autoencoder;

import dev.realnvp.images.convolution.ImageShape;

/**
 * How much of an image its reconstruction misses, compared with an image of one colour:
 *
 * <pre>
 * e = sqrt(D(x | y) / (D(x | m) + 1 / P))
 * D(x | q) = mean over the P values of  x log(x / q) + (1 - x) log((1 - x) / (1 - q))
 * </pre>
 *
 * <p>where y is the reconstruction of the image x, and each value of m is the mean of its channel
 * in x. It is 0 if nothing is missing, and 1 if y is as far from x as its mean colour is. But for
 * {@code 1 / P}, a nat per image, which keeps e finite for an image of one colour, {@code 1 - e^2}
 * is the R-squared of Cameron and Windmeijer 1997, An R-squared measure of goodness of fit for some
 * common nonlinear regression models.
 *
 * <p>{@code D(x | y)} is the binary cross-entropy less the entropy of x, which is no loss: grey
 * values cost nats however well they are reconstructed. And an image with little in it, of which
 * there is little to miss, is measured by that little.
 */
final class RelativeError {

  private static final int LEVELS = 255;

  /** The entropies of 8-bit values. */
  private static final double[] ENTROPIES = new double[LEVELS + 1];

  static {
    for (int i = 0; i <= LEVELS; i++) {
      ENTROPIES[i] = entropy(i / (float) LEVELS);
    }
  }

  private RelativeError() {}

  /**
   * The error of an image.
   *
   * @param images channels last, in 0..1
   * @param from the image's place
   * @param shape of the image
   * @param crossEntropy of the image under its reconstruction, in nats per value
   */
  static double of(float[] images, int from, ImageShape shape, double crossEntropy) {
    int pixels = shape.size();
    double entropy = 0;
    double[] sums = new double[shape.channels()];
    for (int i = 0; i < pixels; i++) {
      float x = images[from + i];
      int level = Math.round(LEVELS * x);
      entropy += level / (float) LEVELS == x ? ENTROPIES[level] : entropy(x);
      sums[i % sums.length] += x;
    }
    double ofMean = 0;
    for (double sum : sums) {
      ofMean += entropy(sum * sums.length / pixels) / sums.length;
    }
    entropy /= pixels;
    // Rounding may leave less than nothing of a difference.
    double missed = Math.max(0, crossEntropy - entropy);
    return Math.sqrt(missed / (Math.max(0, ofMean - entropy) + 1.0 / pixels));
  }

  /** {@code -x log x - (1 - x) log(1 - x)}, in nats. */
  private static double entropy(double x) {
    return x <= 0 || x >= 1 ? 0 : -x * Math.log(x) - (1 - x) * Math.log1p(-x);
  }
}
