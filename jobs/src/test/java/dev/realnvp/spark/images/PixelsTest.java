package dev.realnvp.spark.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.realnvp.images.convolution.ImageShape;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class PixelsTest {
  private static final ImageShape LAYOUT = new ImageShape(2, 3, 3);

  @Test
  void allBytesComeBack() {
    byte[][] images = new byte[20][LAYOUT.size()];
    Random random = new Random(1);
    for (byte[] image : images) {
      random.nextBytes(image);
    }
    INDArray array = Pixels.toArray(images, LAYOUT);
    assertThat(array.shape()).containsExactly(20, 3, 2, 3);
    // Pixel (1, 2), channel 1, of image 7.
    assertThat(array.getFloat(7, 1, 1, 2))
        .isEqualTo((images[7][(1 * 3 + 2) * 3 + 1] & 0xff) / 255f);
    float[] floats = Pixels.toFloats(images, LAYOUT);
    assertThat(array.permute(0, 2, 3, 1).dup('c').data().asFloat()).isEqualTo(floats);
    assertThat(Pixels.toBytes(floats, 20, LAYOUT)).isEqualTo(images);
  }

  @Test
  void valuesAreRoundedAndCut() {
    float[] values = {-0.5f, 1.5f, 0.4f / 255, 0.6f / 255};
    assertThat(Pixels.toBytes(values, 1, new ImageShape(2, 2, 1)))
        .isEqualTo(new byte[][] {{0, (byte) 255, 0, 1}});
  }

  @ParameterizedTest(name = "{0} down, {1} right")
  @CsvSource({
    "0, 0, 1 2 3 4 5 6 7 8 9 10 11 12",
    "1, 0, 1 2 3 4 5 6 1 2 3 4 5 6",
    "-1, 0, 7 8 9 10 11 12 7 8 9 10 11 12",
    "0, 1, 1 2 1 2 3 4 7 8 7 8 9 10",
    "0, -1, 3 4 5 6 5 6 9 10 11 12 11 12",
    "-1, 2, 7 8 7 8 7 8 7 8 7 8 7 8",
    "9, -9, 5 6 5 6 5 6 5 6 5 6 5 6",
  })
  void aMovedImageRepeatsItsEdge(int down, int right, String expected) {
    byte[] moved = new byte[12];
    Pixels.move(
        new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
        moved,
        new ImageShape(2, 3, 2),
        down,
        right);
    assertThat(Arrays.toString(moved).replaceAll("[\\[\\],]", "")).isEqualTo(expected);
  }

  @Test
  void otherShapesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pixels.toArray(new byte[][] {new byte[5]}, new ImageShape(2, 3, 1)))
        .withMessage("Image 0 has 5 bytes, expected 6 for 2 x 3 x 1");
  }

  @Test
  void shapesArePositiveAndFitAnArray() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageShape(2, 0, 1))
        .withMessage("image shape: got 2 x 0 x 1, expected lengths of at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageShape(50_000, 50_000, 3))
        .withMessage("image shape: got 50000 x 50000 x 3, expected less than 2^31 values");
  }
}
