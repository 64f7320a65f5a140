package dev.realnvp.images.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.model.ModelStore;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class AutoencoderTest {

  private static final Optimizer ADAM = new Optimizer(5e-3, Schedule.COSINE, 200, 1e-5);

  /** Images that differ: no constant image can come near them. */
  @Test
  void trainingLeavesTheBestConstantImageFarBehind() {
    Autoencoder autoencoder = create(new ImageShape(12, 10, 1), List.of(8, 12), 4);
    INDArray images = stripes(autoencoder.image(), 64, 5);
    double constant = 0;
    double[] mean = images.mean(0).ravel().toDoubleVector();
    for (double p : mean) {
      constant -= (p * Math.log(p) + (1 - p) * Math.log(1 - p)) / mean.length;
    }
    DataSet batch = Autoencoder.trainingBatch(images);
    for (int i = 0; i < 200; i++) {
      autoencoder.network().fit(batch);
    }
    assertThat(autoencoder.network().score(batch)).isLessThan(0.6 * constant);
  }

  @Test
  void aSavedOneTrainsOnAsIfItHadNeverBeenSaved() throws IOException {
    Autoencoder autoencoder = create(new ImageShape(9, 6, 3), List.of(4, 6), 5);
    DataSet batch = Autoencoder.trainingBatch(stripes(autoencoder.image(), 10, 6));
    autoencoder.network().fit(batch);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelStore.write(autoencoder.network(), out);
    Autoencoder read = Autoencoder.of(ModelStore.read(new ByteArrayInputStream(out.toByteArray())));
    assertThat(read.image()).isEqualTo(autoencoder.image());
    assertThat(read.code()).isEqualTo(5);
    assertThat(read.network().output(batch.getFeatures()))
        .isEqualTo(autoencoder.network().output(batch.getFeatures()));

    autoencoder.network().fit(batch);
    read.network().fit(batch);
    assertThat(read.network().params()).isEqualTo(autoencoder.network().params());
  }

  /** Uniform in +-1/sqrt(fan-in), the transposed convolution's fan-in being its outputs' one. */
  @Test
  void startsFromTheSeedWithinTheBoundsOfTheFanIn() {
    AutoencoderConfig config =
        new AutoencoderConfig(new ImageShape(28, 28, 1), List.of(32, 64), 20, 7);
    MultiLayerNetwork network = Autoencoder.create(config, ADAM).network();
    assertThat(network.params()).isEqualTo(Autoencoder.create(config, ADAM).network().params());
    int[] fanIn = {9, 288, 3136, 20, 288, 9};
    for (int i = 0; i < fanIn.length; i++) {
      double bound = 1 / Math.sqrt(fanIn[i]);
      INDArray w = network.getParam(i + "_W");
      assertThat(w.amaxNumber().doubleValue()).isBetween(0.98 * bound, bound);
      assertThat(w.stdNumber().doubleValue()).isCloseTo(bound / Math.sqrt(3), within(0.1 * bound));
    }
    assertThat(network.getParam("3_b").amaxNumber().doubleValue())
        .isBetween(0.98 / Math.sqrt(20), 1 / Math.sqrt(20));
  }

  @Test
  void refusesNetworksOfAnotherKind() {
    MultiLayerNetwork other =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(
                    new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(2)
                        .nOut(1)
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
    other.init();
    assertThatThrownBy(() -> Autoencoder.of(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("network: got layers [OutputLayer], expected an autoencoder's");
  }

  @Test
  void refusesConfigurationsOutOfRange() {
    ImageShape image = new ImageShape(2, 3, 1);
    assertThatThrownBy(() -> new ImageShape(0, 3, 1)).hasMessageContaining("got 0 x 3 x 1");
    assertThatThrownBy(() -> new AutoencoderConfig(null, List.of(1), 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new AutoencoderConfig(image, List.of(), 1, 0))
        .hasMessageContaining("channels: got []");
    assertThatThrownBy(() -> new AutoencoderConfig(image, List.of(3, 0), 1, 0))
        .hasMessageContaining("channels: got [3, 0]");
    assertThatThrownBy(() -> new AutoencoderConfig(image, List.of(3), 0, 0))
        .hasMessageContaining("code: got 0, expected at least 1");
  }

  private static Autoencoder create(ImageShape image, List<Integer> channels, int code) {
    return Autoencoder.create(new AutoencoderConfig(image, channels, code, 11), ADAM);
  }

  /** Stripes of a random direction and width, {@code [N, C, H, W]} in 0..1. */
  static INDArray stripes(ImageShape shape, int count, long seed) {
    Random random = new Random(seed);
    float[] pixels = new float[count * shape.size()];
    int at = 0;
    for (int n = 0; n < count; n++) {
      double down = 2 * random.nextDouble() - 1;
      double across = 2 * random.nextDouble() - 1;
      for (int c = 0; c < shape.channels(); c++) {
        for (int i = 0; i < shape.height(); i++) {
          for (int j = 0; j < shape.width(); j++) {
            pixels[at++] = Math.sin(down * i + across * j + c) > 0 ? 1 : 0;
          }
        }
      }
    }
    return Nd4j.createFromArray(pixels)
        .reshape('c', count, shape.channels(), shape.height(), shape.width());
  }
}
