package dev.realnvp.jobs.bench;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Images of MNIST's number and size, in its format, for machines that have none: on each a blurred
 * spot, at a place that goes by its class.
 */
final class SyntheticImages {

  private static final int SIDE = 28;
  private static final int CLASSES = 10;

  private SyntheticImages() {}

  /** Writes the four files, with so many images in each split. */
  static void write(Path folder, int train, int test) throws IOException {
    Files.createDirectories(folder);
    SplittableRandom random = new SplittableRandom(1);
    split(folder, "train", train, random);
    split(folder, "t10k", test, random);
  }

  private static void split(Path folder, String name, int rows, SplittableRandom random)
      throws IOException {
    try (DataOutputStream images = open(folder.resolve(name + "-images-idx3-ubyte"));
        DataOutputStream labels = open(folder.resolve(name + "-labels-idx1-ubyte"))) {
      header(images, rows, SIDE, SIDE);
      header(labels, rows);
      for (int row = 0; row < rows; row++) {
        int label = random.nextInt(CLASSES);
        labels.writeByte(label);
        images.write(spot(label, random));
      }
    }
  }

  private static byte[] spot(int label, SplittableRandom random) {
    double angle = 2 * Math.PI * label / CLASSES;
    double x = SIDE / 2.0 + 7 * Math.cos(angle) + random.nextDouble(-2, 2);
    double y = SIDE / 2.0 + 7 * Math.sin(angle) + random.nextDouble(-2, 2);
    double width = random.nextDouble(4, 16);
    byte[] pixels = new byte[SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      double squared = Math.pow(i % SIDE - x, 2) + Math.pow(i / SIDE - y, 2);
      pixels[i] = (byte) Math.round(255 * Math.exp(-squared / width));
    }
    return pixels;
  }

  private static DataOutputStream open(Path file) throws IOException {
    return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)));
  }

  /** IDX: unsigned bytes, the number of dimensions, and each dimension. */
  private static void header(DataOutputStream out, int... dimensions) throws IOException {
    out.writeInt(0x800 + dimensions.length);
    for (int dimension : dimensions) {
      out.writeInt(dimension);
    }
  }
}
