package dev.realnvp.jobs.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.images.ImageSource;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.images.ImagesWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files, of another maker than these tests. */
class FashionSampleTest {
  private static final Path FOLDER = Path.of("src/test/resources/fashion-mnist-1000");
  private final SparkSession spark = LocalSpark.session();

  @TempDir private Path temp;

  @Test
  void everyImageIsInTheTable() throws IOException {
    ImageSource source = ImagesWriter.open(spark, FOLDER.toString());
    assertThat(source.description()).endsWith("fashion-mnist-1000");
    ImageTable table =
        ImagesWriter.write(
            spark,
            source,
            temp.resolve("images").toString(),
            SaveMode.ErrorIfExists,
            (folder, images) -> {});
    assertThat(table.layout()).isEqualTo(new ImageShape(28, 28, 1));
    assertThat(table.classes()).isEqualTo(10);
    assertThat(table.splits()).isEqualTo(Map.of("train", 800L, "test", 200L));
    List<Row> rows = table.split("test").orderBy("id").collectAsList();
    byte[] images = unpacked("t10k-images-idx3-ubyte.gz");
    byte[] labels = unpacked("t10k-labels-idx1-ubyte.gz");
    for (int i = 0; i < 200; i++) {
      assertThat(rows.get(i).<Long>getAs("id")).isEqualTo(800 + i);
      assertThat(rows.get(i).<Integer>getAs("label")).isEqualTo(labels[8 + i]);
      assertThat(rows.get(i).<byte[]>getAs("pixels"))
          .isEqualTo(Arrays.copyOfRange(images, 16 + 784 * i, 16 + 784 * (i + 1)));
    }
  }

  @Test
  void aSampleIsAPartOfTheImagesAndAlwaysTheSame() {
    ImageSource whole = ImagesWriter.open(spark, FOLDER.toString());
    ImageSource part = whole.sampled(0.3);
    List<Long> ids = part.rows().map(row -> row.getLong(0)).collect();
    assertThat(ids).hasSize((int) part.count()).hasSizeBetween(230, 370);
    assertThat(ids).anyMatch(id -> id < 800).anyMatch(id -> id >= 800);
    assertThat(whole.sampled(0.3).rows().map(row -> row.getLong(0)).collect()).isEqualTo(ids);
    assertThat(whole.sampled(1).count()).isEqualTo(1000);
  }

  private static byte[] unpacked(String name) throws IOException {
    try (InputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(FOLDER.resolve(name))))) {
      return in.readAllBytes();
    }
  }
}
