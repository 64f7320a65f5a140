package dev.realnvp.spark.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LocalSpark.class)
class PngIngestTest {
  private final SparkSession spark;

  PngIngestTest(SparkSession spark) {
    this.spark = spark;
  }

  @TempDir private Path temp;

  private Path png(String name, int height, int width) throws IOException {
    Path file = temp.resolve("data").resolve(name);
    TestFiles.png(file, TestFiles.grey(height, width, name.hashCode()));
    return file;
  }

  private ImageSource open() {
    return ImagesWriter.open(spark, temp.resolve("data").toString());
  }

  private ImageTable ingest(String target) throws IOException {
    return ImagesWriter.write(
        spark,
        open(),
        temp.resolve(target).toString(),
        SaveMode.ErrorIfExists,
        (folder, images) -> {});
  }

  @Test
  void splitsAndClassesByFolder() throws IOException {
    png("train/10/a.png", 5, 4);
    png("train/9/b b.PNG", 5, 4);
    png("train/9/a.png", 5, 4);
    png("test/9/c.png", 5, 4);
    Files.writeString(temp.resolve("data/train/9/notes.txt"), "no image");
    png("train/.hidden/a.png", 7, 7);

    assertThat(open().classNames()).containsExactly("9", "10");
    ImageTable table = ingest("images");
    assertThat(table.layout()).isEqualTo(new ImageShape(5, 4, 1));
    assertThat(table.splits()).isEqualTo(Map.of("train", 3L, "test", 1L));
    List<Row> rows = table.rows().orderBy("id").collectAsList();
    String[] names = {"train/9/a.png", "train/9/b b.PNG", "train/10/a.png", "test/9/c.png"};
    int[] labels = {0, 0, 1, 0};
    for (int i = 0; i < names.length; i++) {
      assertThat(rows.get(i).<Long>getAs("id")).isEqualTo(i);
      assertThat(rows.get(i).<String>getAs("split")).isEqualTo(names[i].split("/")[0]);
      assertThat(rows.get(i).<Integer>getAs("label")).isEqualTo(labels[i]);
      int[] expected =
          TestFiles.grey(5, 4, names[i].hashCode())
              .getRaster()
              .getSamples(0, 0, 4, 5, 0, (int[]) null);
      byte[] pixels = rows.get(i).getAs("pixels");
      int[] unsigned = new int[pixels.length];
      Arrays.setAll(unsigned, j -> pixels[j] & 0xff);
      assertThat(unsigned).isEqualTo(expected);
    }
  }

  @Test
  @Tag("nightly")
  void classesAloneAreSplitSixToOneAlwaysTheSameWay() throws IOException {
    for (int i = 0; i < 140; i++) {
      png((i % 2 == 0 ? "cat/" : "dog/") + i + ".png", 2, 2);
    }
    ImageTable table = ingest("images");
    assertThat(table.count()).isEqualTo(140);
    assertThat(table.splits().get("test")).isBetween(10L, 32L);
    assertThat(ingest("again").fingerprint()).isEqualTo(table.fingerprint());
    png("dog/new.png", 2, 2);
    assertThat(ingest("more").splits().get("test") - table.splits().get("test")).isBetween(0L, 1L);
  }

  @Test
  void otherSizeNamesBoth() throws IOException {
    Path first = png("train/a/1.png", 5, 4);
    Path wrong = png("train/b/2.png", 6, 4);
    png("test/a/3.png", 5, 4);
    assertRefused(
        "%s is 6 x 4, expected 5 x 4 x 1 (height x width x channels) as %s"
            .formatted(wrong, first));
  }

  @Test
  void otherChannelsNameBoth() throws IOException {
    Path first = png("train/a/1.png", 5, 4);
    png("test/a/3.png", 5, 4);
    Path wrong = temp.resolve("data/test/a/4.png");
    TestFiles.png(wrong, new BufferedImage(4, 5, BufferedImage.TYPE_INT_RGB));
    assertRefused(
        "%s is 5 x 4 x 3, expected 5 x 4 x 1 (height x width x channels) as %s"
            .formatted(wrong, first));
  }

  /** One that is none, one that is cut, an empty one. */
  @Test
  void filesThatAreNoPngsAreNamed() throws IOException {
    png("train/a/1.png", 50, 40);
    Path wrong = png("test/a/3.png", 50, 40);
    byte[] png = Files.readAllBytes(wrong);
    for (byte[] bytes :
        List.of("GIF89a, and no PNG".getBytes(StandardCharsets.UTF_8), Arrays.copyOf(png, 300))) {
      Files.write(wrong, bytes);
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(this::open)
          .withMessageStartingWith("Cannot read " + wrong + " as PNG: ");
    }
    Files.write(wrong, new byte[0]);
    assertRefused(wrong + " is empty: expected a PNG");
  }

  @Test
  void splitWithoutImages() throws IOException {
    png("train/a/1.png", 5, 4);
    Files.createDirectories(temp.resolve("data/test/a"));
    assertRefused(temp.resolve("data") + " holds 1 PNG, but none for the split 'test'");
  }

  private void assertRefused(String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(this::open)
        .withMessage(message);
  }
}
