package dev.realnvp.spark.images;

import dev.realnvp.images.convolution.ImageShape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Pictures of many small images of one shape, in rows and columns. They need no fonts, which small
 * containers lack.
 *
 * @param layout of each image, grey or red-green-blue
 * @param scale the size of each pixel in pixels of the picture, horizontally and vertically
 * @param rows in each row, images of bytes {@code [H, W, C]}; rows may differ in length
 */
public record ImageGrid(ImageShape layout, int scale, List<List<byte[]>> rows) {
  private static final int GAP = 3;
  private static final int WHITE = 0xffffff;

  /**
   * @throws IllegalArgumentException if there are no images, or one has another number of bytes
   */
  public ImageGrid {
    if (rows.stream().allMatch(List::isEmpty)) {
      throw new IllegalArgumentException("Cannot draw a grid of no images");
    }
    rows.stream()
        .flatMap(List::stream)
        .filter(image -> image.length != layout.size())
        .findFirst()
        .ifPresent(
            image -> {
              throw new IllegalArgumentException(
                  "Cannot draw an image of %d bytes as %s".formatted(image.length, layout));
            });
  }

  /**
   * Writes the picture as PNG.
   *
   * @param out stays open
   */
  public void writePng(OutputStream out) throws IOException {
    int columns = rows.stream().mapToInt(List::size).max().orElseThrow();
    int width = layout.width() * scale + GAP;
    int height = layout.height() * scale + GAP;
    BufferedImage picture =
        new BufferedImage(
            GAP + columns * width, GAP + rows.size() * height, BufferedImage.TYPE_INT_RGB);
    fill(picture, 0, 0, picture.getWidth(), picture.getHeight(), WHITE);
    for (int r = 0; r < rows.size(); r++) {
      for (int c = 0; c < rows.get(r).size(); c++) {
        draw(picture, rows.get(r).get(c), GAP + c * width, GAP + r * height);
      }
    }
    ImageIO.write(picture, "png", out);
  }

  private void draw(BufferedImage picture, byte[] image, int left, int top) {
    int channels = layout.channels();
    for (int y = 0; y < layout.height(); y++) {
      for (int x = 0; x < layout.width(); x++) {
        int at = (y * layout.width() + x) * channels;
        int red = image[at] & 0xff;
        int green = channels == 1 ? red : image[at + 1] & 0xff;
        int blue = channels == 1 ? red : image[at + 2] & 0xff;
        int colour = red << 16 | green << 8 | blue;
        fill(picture, left + x * scale, top + y * scale, scale, scale, colour);
      }
    }
  }

  private static void fill(
      BufferedImage picture, int left, int top, int width, int height, int colour) {
    int[] block = new int[width * height];
    Arrays.fill(block, colour);
    picture.setRGB(left, top, width, height, block, 0, width);
  }
}
