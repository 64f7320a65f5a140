package dev.realnvp.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.autoencoder.ImageShape;
import dev.realnvp.engine.Learner;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A classifier's stages against its DL4J network, over random shapes. */
class ClassifierEngineTest {

  private static Classifier classifier(ImageShape image, List<Integer> channels, int classes) {
    return Classifier.create(
        new ClassifierConfig(image, channels, 7, classes, 3),
        new Optimizer(1e-2, Schedule.CONSTANT, 1, 1e-3));
  }

  private static INDArray images(ImageShape image, int count) {
    Nd4j.getRandom().setSeed(5);
    return Nd4j.rand(DataType.FLOAT, count, image.channels(), image.height(), image.width());
  }

  private static float[] channelsLast(INDArray images) {
    return images.permute(0, 2, 3, 1).dup('c').data().asFloat();
  }

  @Property(tries = 20)
  void probabilitiesAreTheNetworks(
      @ForAll @IntRange(min = 1, max = 3) int depth,
      @ForAll @IntRange(min = 3, max = 12) int height,
      @ForAll @IntRange(min = 3, max = 12) int width,
      @ForAll @Size(min = 1, max = 2) List<@IntRange(min = 1, max = 5) Integer> channels,
      @ForAll @IntRange(min = 2, max = 6) int classes,
      @ForAll @IntRange(min = 1, max = 130) int count) {
    ImageShape image = new ImageShape(depth, height, width);
    Classifier classifier = classifier(image, channels, classes);
    INDArray images = images(image, count);
    INDArray expected = classifier.network().output(images);

    ClassifierEngine program = ClassifierEngine.of(classifier);

    assertThat(program.probabilities(channelsLast(images), count))
        .containsExactly(expected.dup('c').data().asFloat(), within(1e-5f));
    int[] likeliest = program.likeliest(channelsLast(images), count);
    for (int i = 0; i < count; i++) {
      assertThat(expected.getDouble(i, likeliest[i]))
          .isCloseTo(expected.getRow(i).maxNumber().doubleValue(), within(1e-5));
    }
  }

  /** After one step, Adam's first moments are a tenth of the gradient. */
  @Property(tries = 20)
  void gradientsAreTheNetworks(
      @ForAll @IntRange(min = 1, max = 3) int depth,
      @ForAll @IntRange(min = 3, max = 12) int height,
      @ForAll @IntRange(min = 3, max = 12) int width,
      @ForAll @IntRange(min = 1, max = 30) int count) {
    ImageShape image = new ImageShape(depth, height, width);
    MultiLayerNetwork network = classifier(image, List.of(3, 5), 4).network();
    INDArray images = images(image, count);
    int[] labels = IntStream.range(0, count).map(i -> i * 3 % 4).toArray();
    DataSet batch = Classifier.trainingBatch(images, labels, 4);
    Learner learner = Learner.of(network).orElseThrow();
    float[] parameters = network.params().dup().data().asFloat();
    float[] updater = new float[(int) network.getUpdater().getStateViewArray().length()];
    learner.load(parameters, updater, 0, 0);
    learner.batch().rows(count);
    float[] values = channelsLast(images);
    System.arraycopy(values, 0, learner.batch().inputs().atLeast(values.length), 0, values.length);
    float[] targets = batch.getLabels().dup('f').data().asFloat();
    System.arraycopy(
        targets, 0, learner.batch().context().atLeast(targets.length), 0, targets.length);

    double loss = learner.fit();
    learner.store(parameters, updater);
    network.fit(batch);

    assertThat(loss).isCloseTo(network.score(), within(1e-5));
    assertThat(updater)
        .containsExactly(
            network.getUpdater().getStateViewArray().dup().data().asFloat(), within(1e-5f));
  }
}
