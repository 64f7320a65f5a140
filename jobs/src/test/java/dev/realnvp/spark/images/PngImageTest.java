package dev.realnvp.spark.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.images.convolution.ImageShape;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Images of 1 x 2, with the bytes that they should give. */
class PngImageTest {
  private static void assertDecoded(BufferedImage image, int channels, int... expected)
      throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    PngImage decoded = PngImage.decode("a.png", png.toByteArray());
    assertThat(decoded.layout()).isEqualTo(new ImageShape(1, 2, channels));
    int[] unsigned = new int[decoded.pixels().length];
    Arrays.setAll(unsigned, i -> decoded.pixels()[i] & 0xff);
    assertThat(unsigned).isEqualTo(expected);
  }

  private static BufferedImage image(int type, int[]... pixels) {
    BufferedImage image = new BufferedImage(2, 1, type);
    for (int x = 0; x < 2; x++) {
      image.getRaster().setPixel(x, 0, pixels[x]);
    }
    return image;
  }

  @Test
  void greyKeepsItsValues() throws IOException {
    int[][] pixels = {{1}, {200}};
    assertDecoded(image(BufferedImage.TYPE_BYTE_GRAY, pixels), 1, 1, 200);
  }

  @Test
  void greyOf16BitsIsCut() throws IOException {
    int[][] pixels = {{0x1234}, {0xffff}};
    assertDecoded(image(BufferedImage.TYPE_USHORT_GRAY, pixels), 1, 0x12, 0xff);
  }

  @Test
  void blackAndWhiteIsGrey() throws IOException {
    int[][] pixels = {{0}, {1}};
    assertDecoded(image(BufferedImage.TYPE_BYTE_BINARY, pixels), 1, 0, 255);
  }

  @Test
  void colourIsRedGreenBlue() throws IOException {
    int[][] pixels = {{10, 20, 30}, {40, 50, 60}};
    assertDecoded(image(BufferedImage.TYPE_INT_RGB, pixels), 3, 10, 20, 30, 40, 50, 60);
    assertDecoded(image(BufferedImage.TYPE_3BYTE_BGR, pixels), 3, 10, 20, 30, 40, 50, 60);
  }

  @Test
  void transparencyIsDropped() throws IOException {
    int[][] pixels = {{10, 20, 30, 0}, {40, 50, 60, 128}};
    assertDecoded(image(BufferedImage.TYPE_INT_ARGB, pixels), 3, 10, 20, 30, 40, 50, 60);
  }

  @Test
  void paletteGivesItsColours() throws IOException {
    byte[] red = {10, 40};
    byte[] green = {20, 50};
    byte[] blue = {30, 60};
    BufferedImage image =
        new BufferedImage(
            2, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 2, red, green, blue));
    image.getRaster().setSample(1, 0, 0, 1);
    assertDecoded(image, 3, 10, 20, 30, 40, 50, 60);
  }
}
