package dev.realnvp.damage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.images.ImageSource;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.images.ImagesWriter;
import dev.realnvp.spark.images.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** What ingest reads, IDX files, packed or not, and PNGs by class; and what it writes. */
final class ImageInputs {

  private ImageInputs() {}

  static void makeIdx(SparkSession spark, Path folder) throws IOException {
    TestFiles.idxFolder(folder, 11, 5);
  }

  static void makePackedIdx(SparkSession spark, Path folder) throws IOException {
    makeIdx(spark, folder);
    for (Path file : Damage.paths(folder).stream().filter(Files::isRegularFile).toList()) {
      Files.write(
          file.resolveSibling(file.getFileName() + ".gz"),
          TestFiles.gzip(Files.readAllBytes(file)));
      Files.delete(file);
    }
  }

  static void makePngs(SparkSession spark, Path folder) throws IOException {
    for (String name : List.of("train/a", "train/b", "test/a", "test/b")) {
      for (int i = 0; i < 2; i++) {
        TestFiles.png(
            folder.resolve(name).resolve(i + ".png"), TestFiles.grey(5, 4, name.hashCode() + i));
      }
    }
  }

  /** One image, with a list of its pixels, which has equals. */
  private record Image(long id, String split, int label, List<Integer> pixels) {}

  static Object readFiles(SparkSession spark, Path folder) {
    ImageSource source = ImagesWriter.open(spark, folder.toString());
    List<Row> rows = spark.createDataFrame(source.rows(), Images.SCHEMA).collectAsList();
    assertThat(rows).hasSize(Math.toIntExact(source.count()));
    return rows.stream().map(row -> image(row, source.layout())).toList();
  }

  private static Image image(Row row, ImageShape layout) {
    byte[] pixels = row.getAs("pixels");
    assertThat(pixels).hasSize(layout.size());
    assertThat(row.<Integer>getAs("label")).isBetween(0, 255);
    return new Image(
        row.getAs("id"),
        row.getAs("split"),
        row.getAs("label"),
        IntStream.range(0, pixels.length).mapToObj(i -> (int) pixels[i]).toList());
  }

  static void makeTable(SparkSession spark, Path folder) throws IOException {
    Path idx = Files.createDirectory(folder.resolveSibling("idx-of-images"));
    makeIdx(spark, idx);
    ImagesWriter.write(
        spark,
        ImagesWriter.open(spark, idx.toString()),
        folder.toString(),
        SaveMode.Overwrite,
        (place, written) -> {});
  }

  static Object readTable(SparkSession spark, Path folder) {
    ImageTable table = Images.read(spark, folder.toString());
    assertThat(table.splits().values().stream().mapToLong(n -> n).sum()).isEqualTo(table.count());
    List<Row> rows = table.rows().orderBy("id", "pixels").collectAsList();
    assertThat(rows).hasSize(Math.toIntExact(table.count()));
    for (Row row : rows) {
      assertThat((byte[]) row.getAs("pixels")).hasSize(table.layout().size());
      assertThat(row.<Integer>getAs("label")).isBetween(0, table.classes() - 1);
    }
    return List.of(table.splits(), table.classes(), table.layout(), table.fingerprint());
  }
}
