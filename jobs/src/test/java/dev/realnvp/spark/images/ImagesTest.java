package dev.realnvp.spark.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LocalSpark.class)
class ImagesTest {
  private final SparkSession spark;

  ImagesTest(SparkSession spark) {
    this.spark = spark;
  }

  @TempDir private Path temp;

  private static Row row(long id, String split, Integer label, int height, int bytes) {
    return RowFactory.create(id, split, label, height, 2, 1, new byte[bytes]);
  }

  private String write(Row... rows) {
    StructType nullable =
        new StructType(
            Arrays.stream(Images.SCHEMA.fields())
                .map(f -> DataTypes.createStructField(f.name(), f.dataType(), true))
                .toArray(StructField[]::new));
    String path = temp.resolve("images").toString();
    spark.createDataFrame(Arrays.asList(rows), nullable).write().mode("overwrite").parquet(path);
    return path;
  }

  private void assertRefused(String path, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Images.read(spark, path))
        .withMessage(message);
  }

  @Test
  void fingerprintIsOfContentAndNotOfOrder() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      rows.add(row(i, i < 15 ? "train" : "test", i % 3, 3, 6));
    }
    ImageTable table = Images.read(spark, write(rows.toArray(Row[]::new)));
    assertThat(table.classes()).isEqualTo(3);
    assertThat(table.fingerprint()).matches("[0-9a-f]{32}");
    Collections.reverse(rows);
    assertThat(Images.read(spark, write(rows.toArray(Row[]::new))).fingerprint())
        .isEqualTo(table.fingerprint());
    rows.set(0, row(19, "test", 2, 3, 6));
    assertThat(Images.read(spark, write(rows.toArray(Row[]::new))).fingerprint())
        .isNotEqualTo(table.fingerprint());
  }

  @Test
  void fingerprintSeesPairsOfEqualRows() {
    Row once = row(0, "train", 0, 3, 6);
    Row one = row(1, "train", 1, 3, 6);
    Row two = row(2, "train", 2, 3, 6);
    assertThat(Images.read(spark, write(once, one, one)).fingerprint())
        .isNotEqualTo(Images.read(spark, write(once, two, two)).fingerprint());
  }

  @Test
  void missing() {
    Path path = temp.resolve("nowhere");
    assertRefused(
        path.toString(),
        path
            + " does not exist: expected files of CSV, JSON lines, ORC or Parquet (a path, a glob, or several with commas between"
            + " them), or the name of a table in Spark's catalog (catalog.db.table)");
  }

  @Test
  void emptyFolder() throws IOException {
    Path path = Files.createDirectory(temp.resolve("empty"));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Images.read(spark, path.toString()))
        .withMessageStartingWith("Cannot read " + path + " as Parquet: ");
  }

  @Test
  void noParquet() throws IOException {
    Path path = Files.createDirectory(temp.resolve("text"));
    Files.writeString(path.resolve("part-0.parquet"), "this is text, and not Parquet");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Images.read(spark, path.toString()))
        .withMessageStartingWith("Cannot read " + path + " as Parquet: ")
        .withMessageContaining("part-0.parquet in it: it is not a Parquet file");
    Files.writeString(path.resolve("part-0.parquet"), "PARE, and at the end the same: PARE");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Images.read(spark, path.toString()))
        .withMessageContaining("part-0.parquet in it: it is encrypted");
  }

  @Test
  void oneDamagedFileOfMany() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      rows.add(row(i, "train", i % 3, 3, 6));
    }
    String path = write(rows.toArray(Row[]::new));
    try (Stream<Path> files = Files.list(Path.of(path))) {
      Path last =
          files
              .filter(file -> file.toString().endsWith(".parquet"))
              .max(Path::compareTo)
              .orElseThrow();
      Files.delete(last.resolveSibling("." + last.getFileName() + ".crc"));
      Files.writeString(last, "this is text, and not Parquet");
    }
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Images.read(spark, path))
        .withMessageStartingWith("Cannot read " + path + " as Parquet: ")
        .withMessageContaining("is not a Parquet file");
  }

  @Test
  void missingColumn() {
    String path = temp.resolve("other").toString();
    spark.range(3).write().parquet(path);
    assertRefused(path, path + " has no column 'split', only id");
  }

  @Test
  void columnOfAnotherType() {
    String path = temp.resolve("other").toString();
    spark.range(3).selectExpr("cast(id as int) as id").write().parquet(path);
    assertRefused(path, "Column 'id' of " + path + " is of type int, expected bigint");
  }

  @Test
  void noRows() {
    String path = write();
    assertRefused(path, path + " holds no images");
  }

  @Test
  void nulls() {
    String path = write(row(0, "train", 0, 3, 6), row(1, "train", null, 3, 6));
    assertRefused(path, path + " has nulls in 1 row of 2");
  }

  @Test
  void shapesThatDiffer() {
    String path = write(row(0, "train", 0, 3, 6), row(1, "train", 1, 4, 8));
    assertRefused(
        path,
        "Column 'height' of "
            + path
            + " is from 3 to 4, expected one positive size for all images");
  }

  @Test
  void pixelsOfAnotherLength() {
    String path = write(row(0, "train", 0, 3, 6), row(1, "train", 1, 3, 5));
    assertRefused(
        path,
        "Column 'pixels' of " + path + " holds an image of 5 bytes, expected 6 for 3 x 2 x 1");
  }

  @Test
  void unknownSplit() {
    String path = write(row(0, "train", 0, 3, 6), row(1, "val", 1, 3, 6));
    assertRefused(
        path, "Column 'split' of " + path + " is 'val' in 1 row, expected 'train' or 'test'");
  }

  @Test
  void labelsOutOfRange() {
    String path = write(row(0, "train", 0, 3, 6), row(1, "train", -1, 3, 6));
    assertRefused(path, "Column 'label' of " + path + " holds -1: labels are from 0 to 99999");
    write(row(0, "train", 0, 3, 6), row(1, "train", 2_000_000, 3, 6));
    assertRefused(path, "Column 'label' of " + path + " holds 2000000: labels are from 0 to 99999");
  }
}
