package dev.realnvp.damage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.images.ImageSource;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.images.ImagesWriter;
import dev.realnvp.spark.images.PixelLayout;
import dev.realnvp.spark.images.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What ingest reads: IDX files, packed or not, and PNGs by class. */
enum ImageFolderKind implements InputKind {
  IDX {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      TestFiles.idxFolder(folder, 11, 5);
    }

    @Override
    public boolean notices(Damage damage) {
      return false;
    }
  },
  PACKED_IDX {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      TestFiles.idxFolder(folder, 11, 5);
      for (Path file : Damage.paths(folder).stream().filter(Files::isRegularFile).toList()) {
        Files.write(
            file.resolveSibling(file.getFileName() + ".gz"),
            TestFiles.gzip(Files.readAllBytes(file)));
        Files.delete(file);
      }
    }

    @Override
    public boolean notices(Damage damage) {
      return damage != Damage.SWAPPED_FILES;
    }
  },
  PNGS {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      for (String split : List.of("train", "test")) {
        for (String name : List.of("a", "b")) {
          for (int i = 0; i < 2; i++) {
            TestFiles.png(
                folder.resolve(split).resolve(name).resolve(i + ".png"),
                TestFiles.grey(5, 4, (split + name).hashCode() + i));
          }
        }
      }
    }

    @Override
    public boolean notices(Damage damage) {
      return !Set.of(
              Damage.SWAPPED_FILES,
              Damage.MISSING_FILE,
              Damage.FOLDER_FOR_FILE,
              Damage.FILE_FOR_FOLDER)
          .contains(damage);
    }
  };

  /** One image, with a list of its pixels, which has equals. */
  private record Image(long id, String split, int label, List<Integer> pixels) {}

  @Override
  public Object read(SparkSession spark, Path folder) {
    ImageSource source = ImagesWriter.open(spark, folder.toString());
    List<Row> rows = spark.createDataFrame(source.rows(), Images.SCHEMA).collectAsList();
    assertThat(rows).hasSize(Math.toIntExact(source.count()));
    return rows.stream().map(row -> image(row, source.layout())).toList();
  }

  private static Image image(Row row, PixelLayout layout) {
    byte[] pixels = row.getAs("pixels");
    assertThat(pixels).hasSize(layout.size());
    assertThat(row.<Integer>getAs("label")).isBetween(0, 255);
    return new Image(
        row.getAs("id"),
        row.getAs("split"),
        row.getAs("label"),
        IntStream.range(0, pixels.length).mapToObj(i -> (int) pixels[i]).toList());
  }
}
