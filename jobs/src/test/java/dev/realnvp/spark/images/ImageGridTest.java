package dev.realnvp.spark.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.realnvp.images.convolution.ImageShape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ImageGridTest {
  private static final int WHITE = 0xffffff;

  private static ImageGrid grey(List<List<byte[]>> rows) {
    return new ImageGrid(new ImageShape(1, 2, 1), 4, rows);
  }

  private static int colour(BufferedImage picture, int x, int y) {
    return picture.getRGB(x, y) & 0xffffff;
  }

  private static BufferedImage written(ImageGrid grid) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    grid.writePng(png);
    return ImageIO.read(new ByteArrayInputStream(png.toByteArray()));
  }

  @Test
  void everyPixelIsABlockInItsPlace() throws IOException {
    byte[] first = {0, (byte) 200};
    byte[] second = {50, 100};
    byte[] third = {7, 8};
    BufferedImage picture = written(grey(List.of(List.of(first, second), List.of(third))));
    // Gaps of 3, images of 8 x 4.
    assertThat(picture.getWidth()).isEqualTo(3 + 2 * (8 + 3));
    assertThat(picture.getHeight()).isEqualTo(3 + 2 * (4 + 3));
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 4; x++) {
        assertThat(colour(picture, 3 + x, 3 + y)).isEqualTo(0);
        assertThat(colour(picture, 7 + x, 3 + y)).isEqualTo(0xc8c8c8);
        assertThat(colour(picture, 14 + x, 3 + y)).isEqualTo(0x323232);
        assertThat(colour(picture, 18 + x, 3 + y)).isEqualTo(0x646464);
        assertThat(colour(picture, 3 + x, 10 + y)).isEqualTo(0x070707);
        assertThat(colour(picture, 14 + x, 10 + y)).isEqualTo(WHITE);
      }
    }
    assertThat(colour(picture, 12, 5)).isEqualTo(WHITE);
  }

  @Test
  void coloursAreKept() throws IOException {
    byte[] image = {10, 20, 30, 40, 50, 60};
    BufferedImage picture =
        written(new ImageGrid(new ImageShape(2, 1, 3), 1, List.of(List.of(image))));
    assertThat(colour(picture, 3, 3)).isEqualTo(0x0a141e);
    assertThat(colour(picture, 3, 4)).isEqualTo(0x28323c);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grey(List.of(List.of(new byte[3]))))
        .withMessage("Cannot draw an image of 3 bytes as 1 x 2 x 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grey(List.of()))
        .withMessage("Cannot draw a grid of no images");
  }
}
