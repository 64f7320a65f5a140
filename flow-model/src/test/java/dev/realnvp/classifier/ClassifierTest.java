package dev.realnvp.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.autoencoder.AutoencoderConfig;
import dev.realnvp.autoencoder.ImageShape;
import dev.realnvp.model.ModelStore;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class ClassifierTest {

  private static final ImageShape IMAGE = new ImageShape(2, 11, 8);
  private static final ClassifierConfig CONFIG =
      new ClassifierConfig(IMAGE, List.of(4, 6), 8, 3, 5);
  private static final Optimizer ADAM = new Optimizer(1e-2, Schedule.COSINE, 100, 1e-5);

  @Test
  void learnsToTellBarsApart() {
    Classifier classifier = Classifier.create(CONFIG, ADAM);
    int[] labels = labels(600);
    DataSet batch = Classifier.trainingBatch(bars(labels, 1), labels, 3);
    for (int i = 0; i < 100; i++) {
      classifier.network().fit(batch);
    }
    int[] unseen = labels(300);
    int[] likeliest = classifier.network().output(bars(unseen, 2)).argMax(1).toIntVector();
    int right = 0;
    for (int i = 0; i < unseen.length; i++) {
      right += likeliest[i] == unseen[i] ? 1 : 0;
    }
    assertThat(right).isGreaterThan(285);
  }

  @Test
  void theScoreIsTheMeanLogOfTheLabelsProbabilities() {
    Classifier classifier =
        Classifier.create(CONFIG, new Optimizer(1e-2, Schedule.CONSTANT, 1, 0.5));
    int[] labels = labels(9);
    INDArray images = bars(labels, 3);
    INDArray probabilities = classifier.network().output(images);
    assertThat(probabilities.shape()).containsExactly(9, 3);
    double expected = 0;
    for (int i = 0; i < 9; i++) {
      expected -= Math.log(probabilities.getDouble(i, labels[i])) / 9;
      assertThat(probabilities.getRow(i).sumNumber().doubleValue()).isCloseTo(1, within(1e-6));
    }
    assertThat(classifier.network().score(Classifier.trainingBatch(images, labels, 3)))
        .isCloseTo(expected, within(1e-6));
  }

  @Test
  void aSavedOneTrainsOnAsIfItHadNeverBeenSaved() throws IOException {
    Classifier classifier = Classifier.create(CONFIG, ADAM);
    int[] labels = labels(12);
    DataSet batch = Classifier.trainingBatch(bars(labels, 4), labels, 3);
    classifier.network().fit(batch);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelStore.write(classifier.network(), out);
    Classifier read = Classifier.of(ModelStore.read(new ByteArrayInputStream(out.toByteArray())));
    assertThat(read.image()).isEqualTo(IMAGE);
    assertThat(read.classes()).isEqualTo(3);
    assertThat(read.network().output(batch.getFeatures()))
        .isEqualTo(classifier.network().output(batch.getFeatures()));

    classifier.network().fit(batch);
    read.network().fit(batch);
    assertThat(read.network().params()).isEqualTo(classifier.network().params());
  }

  @Test
  void roundTripsThroughJson() {
    MultiLayerConfiguration conf =
        Classifier.create(CONFIG, ADAM).network().getLayerWiseConfigurations();
    assertThat(MultiLayerConfiguration.fromJson(conf.toJson())).isEqualTo(conf);
  }

  @Test
  void followsFromTheSeed() {
    INDArray parameters = Classifier.create(CONFIG, ADAM).network().params();
    ClassifierConfig other = new ClassifierConfig(IMAGE, List.of(4, 6), 8, 3, 6);
    assertThat(Classifier.create(CONFIG, ADAM).network().params()).isEqualTo(parameters);
    assertThat(Classifier.create(other, ADAM).network().params()).isNotEqualTo(parameters);
  }

  @Test
  void refusesOtherShapesAndLabels() {
    Classifier classifier = Classifier.create(CONFIG, ADAM);
    INDArray images = bars(labels(2), 1);
    assertThatThrownBy(() -> classifier.network().output(Nd4j.ones(2, 1, 11, 8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("input: got shape [2, 1, 11, 8], expected [N, 2, 11, 8]");
    assertThatThrownBy(() -> Classifier.trainingBatch(images, new int[] {1}, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("labels: got 1, expected one an image, 2");
    assertThatThrownBy(() -> Classifier.trainingBatch(images, new int[] {1, 3}, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("label: got 3, expected 0 to 2");
  }

  @Test
  void refusesNetworksOfAnotherKind() {
    MultiLayerNetwork other =
        Autoencoder.create(new AutoencoderConfig(IMAGE, List.of(2), 3, 0), ADAM).network();
    assertThatThrownBy(() -> Classifier.of(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("LossLayer], expected a classifier's");
  }

  @Test
  void refusesConfigurationsOutOfRange() {
    assertThatThrownBy(() -> new ClassifierConfig(null, List.of(1), 1, 2, 0))
        .hasMessageContaining("image: got null");
    assertThatThrownBy(() -> new ClassifierConfig(IMAGE, List.of(0), 1, 2, 0))
        .hasMessageContaining("channels: got [0]");
    assertThatThrownBy(() -> new ClassifierConfig(IMAGE, List.of(1), 0, 2, 0))
        .hasMessageContaining("dense: got 0, expected at least 1");
    assertThatThrownBy(() -> new ClassifierConfig(IMAGE, List.of(1), 1, 1, 0))
        .hasMessageContaining("classes: got 1, expected at least 2");
  }

  private static int[] labels(int count) {
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % 3;
    }
    return labels;
  }

  /** Noise with a bright row (class 0), a bright column (1), or neither (2). */
  private static INDArray bars(int[] labels, long seed) {
    Random random = new Random(seed);
    INDArray images = Nd4j.create(DataType.FLOAT, labels.length, 2, 11, 8);
    for (int n = 0; n < labels.length; n++) {
      int row = labels[n] == 0 ? random.nextInt(11) : -1;
      int column = labels[n] == 1 ? random.nextInt(8) : -1;
      for (int c = 0; c < 2; c++) {
        for (int i = 0; i < 11; i++) {
          for (int j = 0; j < 8; j++) {
            double bright = i == row || j == column ? 0.7 : 0;
            images.putScalar(n, c, i, j, bright + 0.3 * random.nextDouble());
          }
        }
      }
    }
    return images;
  }
}
