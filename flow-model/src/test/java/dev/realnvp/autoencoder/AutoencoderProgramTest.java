package dev.realnvp.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Learner;
import dev.realnvp.engine.Program;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The stages of an autoencoder against its DL4J layers, over random shapes. */
class AutoencoderProgramTest {

  private static final Optimizer OPTIMIZER = new Optimizer(1e-3, Schedule.CONSTANT, 1, 1e-5);

  private static Autoencoder autoencoder(
      int channels, int height, int width, List<Integer> maps, int code) {
    return Autoencoder.create(
        new AutoencoderConfig(new ImageShape(channels, height, width), maps, code, 5), OPTIMIZER);
  }

  private static INDArray images(int rows, ImageShape shape, long seed) {
    Nd4j.getRandom().setSeed(seed);
    return Nd4j.rand(DataType.FLOAT, rows, shape.channels(), shape.height(), shape.width());
  }

  private static void fill(Batch batch, INDArray images) {
    float[] values = images.permute(0, 2, 3, 1).dup('c').data().asFloat();
    batch.rows((int) images.size(0));
    System.arraycopy(values, 0, batch.inputs().atLeast(values.length), 0, values.length);
  }

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  void gradientsAndLossesAreTheLayers(
      @ForAll @IntRange(min = 1, max = 3) int channels,
      @ForAll @IntRange(min = 5, max = 12) int height,
      @ForAll @IntRange(min = 5, max = 12) int width,
      @ForAll @Size(min = 1, max = 2) List<@IntRange(min = 1, max = 9) Integer> maps,
      @ForAll @IntRange(min = 1, max = 6) int code,
      @ForAll @IntRange(min = 1, max = 12) int rows) {
    Autoencoder autoencoder = autoencoder(channels, height, width, maps, code);
    MultiLayerNetwork network = autoencoder.network();
    Learner learner = Learner.of(network).orElseThrow();
    float[] parameters = network.params().dup().data().asFloat();
    float[] updater = new float[(int) network.getUpdater().getStateViewArray().length()];
    learner.load(parameters, updater, 0, 0);
    INDArray images = images(rows, autoencoder.image(), 3);

    fill(learner.batch(), images);
    double evaluated = learner.loss();
    fill(learner.batch(), images);
    double loss = learner.fit();
    learner.store(parameters, updater);
    network.fit(Autoencoder.trainingBatch(images));

    assertThat(loss).isCloseTo(network.score(), within(1e-5));
    assertThat(evaluated).isEqualTo(loss);
    // After one step, Adam's first moments are a tenth of the gradient.
    float[] moments = network.getUpdater().getStateViewArray().dup().data().asFloat();
    assertThat(updater).containsExactly(moments, within(1e-6f));
  }

  @Property(tries = 20, edgeCases = EdgeCasesMode.NONE)
  void codesAndLogitsAreTheLayers(
      @ForAll @IntRange(min = 1, max = 3) int channels,
      @ForAll @IntRange(min = 5, max = 12) int height,
      @ForAll @IntRange(min = 1, max = 150) int rows) {
    Autoencoder autoencoder = autoencoder(channels, height, 9, List.of(4, 6), 5);
    Program program = Program.of(autoencoder.network()).orElseThrow();
    INDArray images = images(rows, autoencoder.image(), 4);
    Batch batch = new Batch();

    fill(batch, images);
    program.forward(batch, 0, 3);
    INDArray codes = Nd4j.createFromArray(batch.values().array().clone());
    INDArray expected = autoencoder.encode(images);
    for (long i = 0; i < expected.length(); i++) {
      assertThat(codes.getDouble(i)).isCloseTo(expected.getDouble(i / 5, i % 5), within(1e-5));
    }

    fill(batch, images);
    program.forward(batch, 0, 7);
    INDArray decoded = autoencoder.decode(expected).permute(0, 2, 3, 1).dup('c').ravel();
    for (long i = 0; i < decoded.length(); i++) {
      double sigmoid = 1 / (1 + Math.exp(-batch.values().array()[(int) i]));
      assertThat(sigmoid).isCloseTo(decoded.getDouble(i), within(1e-5));
    }
  }
}
