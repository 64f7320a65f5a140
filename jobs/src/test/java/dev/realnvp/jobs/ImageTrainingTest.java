package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.jobs.images.ImageTraining;
import dev.realnvp.jobs.images.TrainAutoencoder;
import dev.realnvp.jobs.images.TrainClassifier;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.Layouts;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.training.Master;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageTrainingTest {

  @TempDir static Path folder;

  private static Runs runs;
  private static int count;

  /** A bright pixel whose column is the class, in any row, of 40 images of 8 x 8 x 1. */
  @BeforeAll
  static void images() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      byte[] pixels = new byte[64];
      pixels[i * 5 % 8 * 8 + i % 4 * 2] = (byte) (100 + i);
      rows.add(RowFactory.create((long) i, i % 5 == 0 ? "test" : "train", i % 4, 8, 8, 1, pixels));
    }
    runs =
        Runs.in(
            folder,
            "paths.images=" + folder.resolve("images"),
            "train.workers=2",
            "autoencoder.code=3",
            "autoencoder.epochs=2",
            "classifier.dense=8",
            "classifier.epochs=2");
    Layouts.write(runs.spark().createDataFrame(rows, Images.SCHEMA), 2, runs.path("images"));
  }

  private static ImageTraining job(String kind) {
    return kind.equals("classifier") ? new TrainClassifier() : new TrainAutoencoder();
  }

  @ParameterizedTest(name = "{0} x {1}: {2}")
  @CsvSource({
    "28, 28, '[32, 64]'",
    "8, 8, '[32, 64]'",
    "1, 1, '[32, 64]'",
    "29, 20, '[32, 64, 128]'",
    "20, 32, '[32, 64, 128]'",
    "56, 56, '[32, 64, 128]'",
    "57, 57, '[32, 64, 128, 128]'",
    "224, 200, '[32, 64, 128, 128, 128]'",
  })
  void largerImagesGetMoreConvolutionsUntilTheirMapsAreAsSmallAsMnists(
      int height, int width, String expected) {
    ImageShape layout = new ImageShape(height, width, 3);
    assertThat(TrainClassifier.channels(List.of(), layout)).hasToString(expected);
    assertThat(TrainClassifier.channels(List.of(5), layout)).containsExactly(5);
  }

  @ParameterizedTest(name = "{0} of {1} x {2}: {3}")
  @CsvSource({
    "59999, 28, 28, 2",
    "60000, 28, 28, 0",
    "1800, 32, 48, 3",
    "10, 10, 19, 1",
    "10, 8, 5, 0"
  })
  void ofFewImagesEachIsMovedUnlessTheSettingsSayHowFar(
      long rows, int height, int width, int expected) {
    ImageShape layout = new ImageShape(height, width, 1);
    assertThat(ImageTraining.shift(Optional.empty(), layout, rows, Master.AVERAGING))
        .isEqualTo(expected);
    assertThat(ImageTraining.shift(Optional.empty(), layout, rows, Master.STOCK)).isZero();
    assertThat(ImageTraining.shift(Optional.of(5), layout, rows, Master.AVERAGING)).isEqualTo(5);
  }

  private Manifest train(ImageTraining job, String... sets) throws Exception {
    return runs.run(job, "run-" + count++, sets).manifest();
  }

  @ParameterizedTest
  @ValueSource(strings = {"autoencoder", "classifier"})
  void movesReachATrainingAndAreTheSameEachTime(String kind) throws Exception {
    List<String> ids = new ArrayList<>();
    for (int shift : new int[] {1, 1, 0}) {
      ids.add(train(job(kind), kind + ".shift=" + shift).id());
    }
    assertThat(ids.get(0)).isEqualTo(ids.get(1)).isNotEqualTo(ids.get(2));
  }

  @Test
  void nothingIsMovedInValidation() throws Exception {
    // Steps of next to no length, so that both models are the initial one.
    String[] still = {"classifier.learning-rate=1e-30", "classifier.epochs=1"};
    Manifest moved = train(new TrainClassifier(), still[0], still[1], "classifier.shift=3");
    Manifest unmoved = train(new TrainClassifier(), still[0], still[1], "classifier.shift=0");
    assertThat(moved.history().get(0).trainLoss())
        .isNotEqualTo(unmoved.history().get(0).trainLoss());
    assertThat(moved.history().get(0).validationLoss())
        .isEqualTo(unmoved.history().get(0).validationLoss());
  }

  @ParameterizedTest
  @ValueSource(strings = {"autoencoder", "classifier"})
  void theStockMasterMovesNothing(String kind) {
    assumeTrue(Master.STOCK.isIncluded());
    runs.refused(true, job(kind), "x", "train.training-master=stock", kind + ".shift=1")
        .startsWith(
            "setting %s.shift: expected 0 with train.training-master=stock".formatted(kind));
  }
}
