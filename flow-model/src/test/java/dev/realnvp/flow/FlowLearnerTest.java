package dev.realnvp.flow;

import static dev.realnvp.flow.RandomFlows.RATE;
import static dev.realnvp.flow.RandomFlows.blocks;
import static dev.realnvp.flow.RandomFlows.fill;
import static dev.realnvp.flow.RandomFlows.flow;
import static dev.realnvp.flow.RandomFlows.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Learner;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A learner's steps on a flow against those of its DL4J layers, over random flows. */
class FlowLearnerTest {

  /**
   * After one step, Adam's first moments are a tenth of the gradient, and statistics have moved.
   */
  @Property(tries = 60)
  void gradientsAreTheLayers(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 40) int count) {
    MultiLayerNetwork network = flow(config).network();
    INDArray x = rows(3, count, config.features());
    INDArray context = rows(4, count, config.context());
    Learner learner = Learner.of(network).orElseThrow();
    float[] before = network.params().dup().data().asFloat();
    float[] updater = new float[(int) network.getUpdater().getStateViewArray().length()];
    learner.load(before, updater, 0, 0);
    fill(learner.batch(), x, context);

    double loss = learner.fit();
    float[] after = new float[before.length];
    learner.store(after, updater);
    network.fit(RealNVP.trainingBatch(x, context));

    double size = 1;
    for (int i = 0; i < count; i++) {
      size = Math.max(size, Math.abs(learner.batch().losses()[i]));
    }
    assertThat(loss).isCloseTo(network.score(), within(1e-5 * size));
    float[] moments = network.getUpdater().getStateViewArray().dup().data().asFloat();
    float largest = 1;
    for (float moment : moments) {
      largest = Math.max(largest, Math.abs(moment));
    }
    // Second moments are squares, of twice the relative error.
    assertThat(updater).containsExactly(moments, within(2e-5f * largest));
    float[] moved = network.params().dup().data().asFloat();
    for (UpdaterBlock block : blocks(network)) {
      boolean statistics = block.getUpdaterViewOffsetEnd() == block.getUpdaterViewOffsetStart();
      for (int i = block.getParamOffsetStart(); statistics && i < block.getParamOffsetEnd(); i++) {
        assertThat(after[i]).isCloseTo(moved[i], within(1e-5f * Math.max(1, Math.abs(moved[i]))));
      }
    }
  }

  @Property(tries = 20)
  void aStepIsAdams(@ForAll(supplier = RandomFlows.class) RealNVPConfig config) {
    MultiLayerNetwork network = flow(config).network();
    Learner learner = Learner.of(network).orElseThrow();
    INDArray x = rows(5, 12, config.features());
    INDArray context = rows(6, 12, config.context());
    float[] parameters = network.params().dup().data().asFloat();
    float[] updater = new float[(int) network.getUpdater().getStateViewArray().length()];
    int steps = 3;
    float[] last = null;
    learner.load(parameters, updater, 0, 0);
    for (int t = 1; t <= steps; t++) {
      last = parameters.clone();
      fill(learner.batch(), x, context);
      learner.fit();
      learner.store(parameters, updater);
    }

    double alpha = RATE * Math.sqrt(1 - Math.pow(0.999, steps)) / (1 - Math.pow(0.9, steps));
    for (UpdaterBlock block : blocks(network)) {
      int from = block.getParamOffsetStart();
      int size = block.getParamOffsetEnd() - from;
      int state = block.getUpdaterViewOffsetStart();
      boolean trained = block.getUpdaterViewOffsetEnd() > state;
      for (int i = 0; trained && i < size; i++) {
        double m = updater[state + i];
        double v = updater[state + size + i];
        double expected = last[from + i] - alpha * m / (Math.sqrt(v) + 1e-8);
        assertThat((double) parameters[from + i]).isCloseTo(expected, within(1e-6));
      }
    }
  }
}
