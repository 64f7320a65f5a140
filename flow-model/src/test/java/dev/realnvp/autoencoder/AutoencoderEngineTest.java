package dev.realnvp.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Learner;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An autoencoder's stages against its DL4J network, over random shapes. */
class AutoencoderEngineTest {

  private static Autoencoder autoencoder(ImageShape image, List<Integer> channels) {
    return Autoencoder.create(
        new AutoencoderConfig(image, channels, 4, 3),
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
  void codesImagesAndLossesAreTheNetworks(
      @ForAll @IntRange(min = 1, max = 3) int depth,
      @ForAll @IntRange(min = 3, max = 12) int height,
      @ForAll @IntRange(min = 3, max = 12) int width,
      @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 5) Integer> channels,
      @ForAll @IntRange(min = 1, max = 130) int count) {
    ImageShape image = new ImageShape(depth, height, width);
    Autoencoder autoencoder = autoencoder(image, channels);
    INDArray images = images(image, count);
    MultiLayerNetwork network = autoencoder.network();
    INDArray codes = network.feedForwardToLayer(channels.size(), images).get(channels.size() + 1);
    INDArray decoded = network.output(images).reshape('c', images.shape());
    AutoencoderEngine program = AutoencoderEngine.of(autoencoder);

    float[] encoded = program.encode(channelsLast(images), count);

    assertThat(encoded).containsExactly(codes.dup('c').data().asFloat(), within(1e-5f));
    assertThat(program.decode(encoded, count))
        .containsExactly(channelsLast(decoded), within(1e-5f));
    double[] losses =
        network.scoreExamples(Autoencoder.trainingBatch(images), false).toDoubleVector();
    assertThat(program.losses(channelsLast(images), count)).containsExactly(losses, within(1e-5));
    double[] lost = new double[count];
    assertThat(program.encode(channelsLast(images), lost)).containsExactly(encoded);
    assertThat(lost).containsExactly(losses, within(1e-5));
  }

  /** After one step, Adam's first moments are a tenth of the gradient. */
  @Property(tries = 20)
  void gradientsAreTheNetworks(
      @ForAll @IntRange(min = 1, max = 3) int depth,
      @ForAll @IntRange(min = 3, max = 12) int height,
      @ForAll @IntRange(min = 3, max = 12) int width,
      @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 5) Integer> channels,
      @ForAll @IntRange(min = 1, max = 30) int count) {
    ImageShape image = new ImageShape(depth, height, width);
    MultiLayerNetwork network = autoencoder(image, channels).network();
    INDArray images = images(image, count);
    Learner learner = Learner.of(network).orElseThrow();
    float[] parameters = network.params().dup().data().asFloat();
    float[] updater = new float[(int) network.getUpdater().getStateViewArray().length()];
    learner.load(parameters, updater, 0, 0);
    learner.batch().rows(count);
    float[] values = channelsLast(images);
    System.arraycopy(values, 0, learner.batch().inputs().atLeast(values.length), 0, values.length);

    double loss = learner.fit();
    learner.store(parameters, updater);
    network.fit(Autoencoder.trainingBatch(images));

    assertThat(loss).isCloseTo(network.score(), within(1e-5));
    assertThat(updater)
        .containsExactly(
            network.getUpdater().getStateViewArray().dup().data().asFloat(), within(1e-5f));
  }
}
