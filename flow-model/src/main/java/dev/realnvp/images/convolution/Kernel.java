package dev.realnvp.images.convolution;

/**
 * How a square kernel moves over an image.
 *
 * @param size of the kernel, k
 * @param stride the distance of a step, s
 * @param padding zeros around the image, p
 */
public record Kernel(int size, int stride, int padding) {

  /**
   * @throws IllegalArgumentException if size or stride is below 1, or the padding is not in 0..k-1
   */
  public Kernel {
    if (size < 1 || stride < 1 || padding < 0 || padding >= size) {
      throw new IllegalArgumentException(
          "kernel: got size %d, stride %d, padding %d, expected size >= 1, stride >= 1, 0 <= padding < size"
              .formatted(size, stride, padding));
    }
  }

  /**
   * The number of steps: {@code floor((length + 2p - k) / s) + 1}.
   *
   * @param length of the image in one direction
   * @throws IllegalArgumentException if the kernel does not fit in the padded image
   */
  public int steps(int length) {
    int room = length + 2 * padding - size;
    if (length < 1 || room < 0) {
      throw new IllegalArgumentException(
          "image length: got %d, expected at least %d for a kernel of %d with padding %d"
              .formatted(length, Math.max(1, size - 2 * padding), size, padding));
    }
    return room / stride + 1;
  }
}
