package dev.realnvp.images.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.images.autoencoder.AutoencoderConfig;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class ClassifierTest {

  private static final ImageShape IMAGE = new ImageShape(11, 8, 2);
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
    int[] mostLikelyClass = classifier.network().output(bars(unseen, 2)).argMax(1).toIntVector();
    int right = 0;
    for (int i = 0; i < unseen.length; i++) {
      right += mostLikelyClass[i] == unseen[i] ? 1 : 0;
    }
    assertThat(right).isGreaterThan(285);
  }

  /** Of stages and of DL4J, over random shapes. */
  @Property(tries = 20)
  void probabilitiesAreTheNetworks(
      @ForAll @IntRange(min = 1, max = 3) int depth,
      @ForAll @IntRange(min = 3, max = 12) int height,
      @ForAll @IntRange(min = 3, max = 12) int width,
      @ForAll @Size(min = 1, max = 2) List<@IntRange(min = 1, max = 5) Integer> channels,
      @ForAll @IntRange(min = 2, max = 6) int classes,
      @ForAll @IntRange(min = 1, max = 130) int count) {
    ImageShape image = new ImageShape(height, width, depth);
    Classifier classifier =
        Classifier.create(new ClassifierConfig(image, channels, 7, classes, 3), ADAM);
    Nd4j.getRandom().setSeed(5);
    INDArray images = Nd4j.rand(DataType.FLOAT, count, depth, height, width);
    float[] pixels = images.permute(0, 2, 3, 1).dup('c').data().asFloat();
    INDArray expected = classifier.network().output(images);

    Classifier program = classifier;

    assertThat(program.probabilities(pixels, count))
        .containsExactly(expected.dup('c').data().asFloat(), within(1e-5f));
    int[] mostLikelyClass = program.mostLikelyClass(pixels, count);
    for (int i = 0; i < count; i++) {
      assertThat(expected.getDouble(i, mostLikelyClass[i]))
          .isCloseTo(expected.getRow(i).maxNumber().doubleValue(), within(1e-5));
    }
  }

  @Test
  void followsFromTheSeed() {
    INDArray parameters = Classifier.create(CONFIG, ADAM).network().params();
    ClassifierConfig other = new ClassifierConfig(IMAGE, List.of(4, 6), 8, 3, 6);
    assertThat(Classifier.create(CONFIG, ADAM).network().params()).isEqualTo(parameters);
    assertThat(Classifier.create(other, ADAM).network().params()).isNotEqualTo(parameters);
  }

  @Test
  void refusesOtherLabels() {
    INDArray images = bars(labels(2), 1);
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
