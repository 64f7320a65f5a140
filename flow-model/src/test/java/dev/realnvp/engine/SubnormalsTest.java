package dev.realnvp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.images.autoencoder.AutoencoderConfig;
import dev.realnvp.images.classifier.Classifier;
import dev.realnvp.images.classifier.ClassifierConfig;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights without a gradient, which L2 and Adam shrink by a factor per step, end at 0. */
class SubnormalsTest {

  private static final int ROWS = 8;
  private static final int STEPS = 6_000;
  private static final ImageShape IMAGE = new ImageShape(6, 6, 1);

  private static long subnormal(float[] values) {
    long count = 0;
    for (float value : values) {
      count += value != 0 && Math.abs(value) < Float.MIN_NORMAL ? 1 : 0;
    }
    return count;
  }

  private static MultiLayerNetwork network(String name) {
    Optimizer optimizer = new Optimizer(1e-2, Schedule.CONSTANT, STEPS, 1e-3);
    return switch (name) {
      case "autoencoder" ->
          Autoencoder.create(new AutoencoderConfig(IMAGE, List.of(3), 4, 1), optimizer).network();
      case "classifier" ->
          Classifier.create(new ClassifierConfig(IMAGE, List.of(3), 7, 3, 1), optimizer).network();
      case "flow" ->
          RealNVP.create(
                  RealNVPConfig.builder(4, 3, 2, List.of(8, 8)).batchNorm(true).seed(1).build(),
                  optimizer)
              .network();
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** Half of the inputs, or half of the pixels, are 0 in all rows; so are all but one class. */
  private static void fill(Batch batch, int width, SplittableRandom random) {
    batch.rows(ROWS);
    float[] x = batch.inputs().zeros(ROWS * width);
    for (int i = 0; i < ROWS * width / 2; i++) {
      x[i] = (float) random.nextDouble();
    }
    float[] classes = batch.context().zeros(ROWS * 3);
    for (int i = 0; i < ROWS; i++) {
      classes[i] = 1;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"autoencoder", "classifier", "flow"})
  void noneAreStored(String name) {
    MultiLayerNetwork network = network(name);
    Learner learner = Learner.of(network).orElseThrow();
    float[] parameters = network.params().toFloatVector();
    float[] updater = new float[(int) network.getUpdater().getStateViewArray().length()];
    learner.load(parameters, updater, 0, 0);
    SplittableRandom random = new SplittableRandom(1);
    long zeros = 0;
    for (int step = 0; step < STEPS; step++) {
      fill(learner.batch(), name.equals("flow") ? 4 : 36, random);
      learner.fit();
      if (step % 500 == 0 || step == STEPS - 1) {
        learner.store(parameters, updater);
        assertThat(subnormal(parameters)).as("parameters after step %d", step).isZero();
        assertThat(subnormal(updater)).as("moments after step %d", step).isZero();
      }
    }
    for (float parameter : parameters) {
      zeros += parameter == 0 ? 1 : 0;
    }
    assertThat(zeros).as("weights that decayed").isPositive();
  }

  @Test
  void flushKeepsWhatCounts() {
    float[] values = {1, -1e-16f, 1e-30f, -1e-39f, 0, Float.NaN, Float.NEGATIVE_INFINITY};

    Elementwise.flush(values, 0, values.length);

    assertThat(values).containsExactly(1, -1e-16f, 0, 0, 0, Float.NaN, Float.NEGATIVE_INFINITY);
  }
}
