package dev.realnvp.spark.images;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/** Makes IDX files and PNGs. */
public final class TestFiles {
  static final int HEIGHT = 4;
  static final int WIDTH = 3;

  private TestFiles() {}

  static byte[] idx(byte[] values, int... dimensions) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0x0800 + dimensions.length);
    for (int dimension : dimensions) {
      out.writeInt(dimension);
    }
    out.write(values);
    return bytes.toByteArray();
  }

  public static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  /** Pixel j of image i: known without the file. */
  static byte pixel(int image, int j) {
    return (byte) (31 * image + 7 * j + image * j);
  }

  static byte label(int image) {
    return (byte) (image % 10);
  }

  static byte[] images(int from, int to) throws IOException {
    byte[] values = new byte[(to - from) * HEIGHT * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = pixel(from + i / (HEIGHT * WIDTH), i % (HEIGHT * WIDTH));
    }
    return idx(values, to - from, HEIGHT, WIDTH);
  }

  static byte[] labels(int from, int to) throws IOException {
    byte[] values = new byte[to - from];
    for (int i = 0; i < values.length; i++) {
      values[i] = label(from + i);
    }
    return idx(values, to - from);
  }

  /** The four files: train images 0 to train - 1, and test images after them. */
  public static void idxFolder(Path folder, int train, int test) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("train-images-idx3-ubyte"), images(0, train));
    Files.write(folder.resolve("train-labels-idx1-ubyte"), labels(0, train));
    Files.write(folder.resolve("t10k-images-idx3-ubyte"), images(train, train + test));
    Files.write(folder.resolve("t10k-labels-idx1-ubyte"), labels(train, train + test));
  }

  public static void png(Path file, BufferedImage image) throws IOException {
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
  }

  public static BufferedImage grey(int height, int width, long seed) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    Random random = new Random(seed);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.getRaster().setSample(x, y, 0, random.nextInt(256));
      }
    }
    return image;
  }
}
