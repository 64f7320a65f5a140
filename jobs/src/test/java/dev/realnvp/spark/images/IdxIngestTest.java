package dev.realnvp.spark.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.function.IOConsumer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LocalSpark.class)
class IdxIngestTest {
  private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  private static final String TEST_IMAGES = "t10k-images-idx3-ubyte";

  private final SparkSession spark;

  IdxIngestTest(SparkSession spark) {
    this.spark = spark;
  }

  @TempDir private Path temp;
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = temp.resolve("my data");
    TestFiles.idxFolder(folder, 11, 4);
  }

  private ImageTable ingest() throws IOException {
    return ingest(folder.toString(), "a run/images");
  }

  private ImageTable ingest(String from, String to) throws IOException {
    return ImagesWriter.write(
        spark,
        ImagesWriter.open(spark, from),
        temp.resolve(to).toString(),
        SaveMode.ErrorIfExists,
        (folder, images) -> {});
  }

  private static void each(Path folder, IOConsumer<Path> change) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        change.accept(file);
      }
    }
  }

  private static void assertFiles(Path table, int count) throws IOException {
    try (Stream<Path> files = Files.list(table)) {
      assertThat(files.filter(file -> file.toString().endsWith(".parquet"))).hasSize(count);
    }
  }

  private void assertContent(ImageTable table) {
    assertThat(table.count()).isEqualTo(15);
    assertThat(table.layout()).isEqualTo(new ImageShape(TestFiles.HEIGHT, TestFiles.WIDTH, 1));
    assertThat(table.classes()).isEqualTo(10);
    assertThat(table.splits()).isEqualTo(Map.of("train", 11L, "test", 4L));
    List<Row> rows = table.rows().orderBy("id").collectAsList();
    for (int i = 0; i < 15; i++) {
      Row row = rows.get(i);
      assertThat(row.<Long>getAs("id")).isEqualTo(i);
      assertThat(row.<String>getAs("split")).isEqualTo(i < 11 ? "train" : "test");
      assertThat(row.<Integer>getAs("label")).isEqualTo(i % 10);
      byte[] expected = new byte[TestFiles.HEIGHT * TestFiles.WIDTH];
      for (int j = 0; j < expected.length; j++) {
        expected[j] = TestFiles.pixel(i, j);
      }
      assertThat(row.<byte[]>getAs("pixels")).isEqualTo(expected);
    }
  }

  @Test
  void plainFilesAreReadInRanges() throws IOException {
    ImageTable table = ingest();
    assertContent(table);
    // Two cores share 15 rows: 8 a file, so 2 for training and 1 for testing.
    assertFiles(temp.resolve("a run/images"), 3);
  }

  @Test
  void packedFilesGiveTheSameTable() throws IOException {
    ImageTable plain = ingest();
    each(
        folder,
        file -> {
          Files.write(Path.of(file + ".gz"), TestFiles.gzip(Files.readAllBytes(file)));
          Files.delete(file);
        });
    ImageTable packed = ingest("file:" + folder, "packed");
    assertContent(packed);
    assertThat(packed.fingerprint()).isEqualTo(plain.fingerprint());
    assertFiles(temp.resolve("packed"), 3);
  }

  @Test
  void namesWithADotAreFoundToo() throws IOException {
    each(folder, file -> Files.move(file, Path.of(file.toString().replace("-idx", ".idx"))));
    assertContent(ingest());
  }

  @Test
  void missingFolder() {
    assertRefused(temp.resolve("nowhere"), "Folder " + temp + "/nowhere does not exist");
  }

  @Test
  void fileInsteadOfFolder() {
    Path file = folder.resolve(TRAIN_IMAGES);
    assertRefused(file, file + " is a file: expected a folder with IDX files or PNGs by class");
  }

  /** Port 1 of this machine: nobody listens. */
  @ParameterizedTest
  @CsvSource({
    "nowhere://host/data, Cannot use 'nowhere://host/data' as a path: No FileSystem for scheme",
    "webhdfs://127.0.0.1:1/data, Cannot read webhdfs://127.0.0.1:1/data: "
  })
  void fileSystemThatIsNotThere(String place, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ImagesWriter.open(spark, place))
        .withMessageStartingWith(message);
  }

  @Test
  void folderWithNeither() throws IOException {
    Path empty = Files.createDirectories(temp.resolve("empty"));
    assertRefused(
        empty,
        empty
            + " holds neither IDX files (train-images-idx3-ubyte and so on, or .gz) nor PNGs by"
            + " class ({train,test}/CLASS/*.png or CLASS/*.png)");
  }

  @Test
  void missingFileOfTheFour() throws IOException {
    Files.delete(folder.resolve(TEST_IMAGES));
    assertRefused(
        folder,
        folder + " has no t10k-images-idx3-ubyte (or .gz), only others of the four IDX files");
  }

  private static Stream<Arguments> wrongContents() throws IOException {
    return Stream.of(
        Arguments.of(new byte[0], " is empty: expected an IDX file"),
        Arguments.of(
            "<html>Not found</html>".getBytes(StandardCharsets.UTF_8),
            " is not an IDX file of images: it starts with 3c68746d, expected 00000803"),
        Arguments.of(
            TestFiles.labels(0, 11),
            " is not an IDX file of images: it starts with 00000801, expected 00000803"),
        Arguments.of(
            Arrays.copyOf(TestFiles.images(0, 11), 10),
            " is truncated: it ends inside the header of 16 bytes"),
        Arguments.of(TestFiles.images(0, 0), " has dimension 0 of size 0, expected at least 1"),
        Arguments.of(
            TestFiles.idx(new byte[9], 1, 70_000, 70_000),
            " has images of 70000 x 70000, expected less than 2 GB each"));
  }

  @ParameterizedTest
  @MethodSource("wrongContents")
  void wrongContentIsNamed(byte[] content, String message) throws IOException {
    Path file = Files.write(folder.resolve(TRAIN_IMAGES), content);
    assertRefused(folder, file + message);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, -60, 1, 60})
  void wrongLength(int extra) throws IOException {
    Path file = folder.resolve(TRAIN_IMAGES);
    int length = 16 + 11 * 12;
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), length + extra));
    assertRefused(
        folder,
        "%s is %s: %d bytes, expected %d for its dimensions [11, 4, 3]"
            .formatted(file, extra < 0 ? "truncated" : "too long", length + extra, length));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 60})
  void wrongLengthWhenUnpacked(int extra) throws IOException {
    Path file = folder.resolve(TRAIN_LABELS);
    byte[] labels = Files.readAllBytes(file);
    Files.write(file, TestFiles.gzip(Arrays.copyOf(labels, labels.length + extra)));
    assertRefused(
        folder,
        "%s is %s: %d bytes when unpacked, expected 19 for its dimensions [11]"
            .formatted(file, extra < 0 ? "truncated" : "too long: at least", 19 + extra)
            .replace("least:", "least"));
  }

  @Test
  void truncatedGzip() throws IOException {
    Path file = folder.resolve(TRAIN_IMAGES);
    byte[] packed = TestFiles.gzip(Files.readAllBytes(file));
    Files.write(file, Arrays.copyOf(packed, packed.length - 20));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ImagesWriter.open(spark, folder.toString()))
        .withMessageStartingWith(file + " is truncated: ")
        .withMessageEndingWith(" bytes when unpacked, expected 148 for its dimensions [11, 4, 3]");
  }

  @Test
  void countsThatDiffer() throws IOException {
    Files.write(folder.resolve(TRAIN_LABELS), TestFiles.labels(0, 10));
    assertRefused(
        folder,
        "%s holds 11 images, but %s holds 10 labels"
            .formatted(folder.resolve(TRAIN_IMAGES), folder.resolve(TRAIN_LABELS)));
  }

  @Test
  void trainAndTestOfDifferentSize() throws IOException {
    Files.write(folder.resolve(TEST_IMAGES), TestFiles.idx(new byte[100], 4, 5, 5));
    assertRefused(
        folder,
        "%s holds images of 4 x 3, but %s of 5 x 5"
            .formatted(folder.resolve(TRAIN_IMAGES), folder.resolve(TEST_IMAGES)));
  }

  private void assertRefused(Path data, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ImagesWriter.open(spark, data.toString()))
        .withMessage(message);
  }
}
