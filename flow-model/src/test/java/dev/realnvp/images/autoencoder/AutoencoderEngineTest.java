package dev.realnvp.images.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

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
      @ForAll @IntRange(min = 1, max = 12) int height,
      @ForAll @IntRange(min = 2, max = 12) int width,
      @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 5) Integer> channels,
      @ForAll @IntRange(min = 1, max = 130) int count) {
    ImageShape image = new ImageShape(height, width, depth);
    Autoencoder autoencoder = autoencoder(image, channels);
    INDArray images = images(image, count);
    MultiLayerNetwork network = autoencoder.network();
    INDArray codes = network.feedForwardToLayer(channels.size(), images).get(channels.size() + 1);
    INDArray decoded = network.output(images).reshape('c', images.shape());
    Autoencoder program = autoencoder;

    float[] encoded = program.encode(channelsLast(images), count);

    assertThat(encoded).containsExactly(codes.dup('c').data().asFloat(), within(1e-5f));
    assertThat(program.decode(encoded, count))
        .containsExactly(channelsLast(decoded), within(1e-5f));
    double[] losses =
        network.scoreExamples(Autoencoder.trainingBatch(images), false).toDoubleVector();
    double[] lost = new double[count];
    assertThat(program.encode(channelsLast(images), lost)).containsExactly(encoded);
    assertThat(lost).containsExactly(losses, within(1e-5));
    assertThat(program.relativeErrors(channelsLast(images), losses))
        .containsExactly(relativeErrors(images, decoded), within(1e-4));
  }

  /** By the definition, from images and reconstructions. */
  private static double[] relativeErrors(INDArray x, INDArray y) {
    INDArray mean = x.mean(true, 2, 3).broadcast(x.shape());
    INDArray missed = divergences(x, y);
    INDArray ofMean = divergences(x, mean);
    double perNat = x.size(0) / (double) x.length();
    return Transforms.sqrt(missed.div(ofMean.add(perNat))).castTo(DataType.DOUBLE).toDoubleVector();
  }

  /** {@code [N]}, of values in between 0 and 1. */
  private static INDArray divergences(INDArray x, INDArray q) {
    INDArray ofOnes = x.mul(Transforms.log(x.div(q)));
    INDArray ofZeros = x.rsub(1).mul(Transforms.log(x.rsub(1).div(q.rsub(1))));
    return ofOnes.add(ofZeros).mean(1, 2, 3);
  }

  /** By hand: halves of black and white against grey, and what grey values cost in any case. */
  @Test
  void aRelativeErrorIsWhatIsMissedOfWhatThereIs() {
    ImageShape shape = new ImageShape(2, 2, 1);
    Autoencoder program = autoencoder(shape, List.of(1));
    float[] images = {0, 0, 1, 1, 0.5f, 0.5f, 0.5f, 0.5f, 0.25f, 0.25f, 0.75f, 0.75f};
    double grey = Math.log(2);
    double quarter = -Math.log(0.25) / 4 - 0.75 * Math.log(0.75);

    assertThat(program.relativeErrors(images, new double[] {0, grey, quarter}))
        .containsExactly(new double[] {0, 0, 0}, within(1e-6));
    assertThat(program.relativeErrors(images, new double[] {grey, grey + 0.25, grey}))
        .containsExactly(
            new double[] {
              Math.sqrt(grey / (grey + 0.25)),
              1,
              Math.sqrt((grey - quarter) / (grey - quarter + 0.25))
            },
            within(1e-6));
  }
}
