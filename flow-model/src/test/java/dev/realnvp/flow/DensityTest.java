package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Two-dimensional flows against what a density has to be. */
class DensityTest {

  private static final int BATCH = 200;

  private static RealNVP flow(int context) {
    return RealNVP.create(
        RealNVPConfig.builder(2, context, 4, List.of(16, 16)).permute(false).seed(1).build(),
        new Optimizer(1e-2, Schedule.COSINE, 400, 0));
  }

  /** Rows with covariance {@code [[4, 1.8], [1.8, 1]]}, moved by the context where there is one. */
  private static INDArray gaussian(long seed, INDArray context) {
    INDArray mix = Nd4j.createFromArray(new float[][] {{2, 0.9f}, {0, (float) Math.sqrt(0.19)}});
    INDArray rows = Networks.rows(seed, BATCH, 2).mmul(mix);
    return context == null ? rows : rows.addi(context.mul(3));
  }

  @Test
  void negativeLogLikelihoodComesDownToTheEntropyOfAGaussian() {
    RealNVP flow = flow(0);
    for (int i = 0; i < 400; i++) {
      flow.network().fit(RealNVP.trainingBatch(gaussian(i, null), null));
    }
    double sum = 0;
    for (int i = 0; i < 20; i++) {
      double[] logProb = new double[BATCH];
      FlowEngine.of(flow).logProb(Networks.floats(gaussian(1000 + i, null)), Context.NONE, logProb);
      sum -= DoubleStream.of(logProb).sum() / BATCH;
    }
    // log(2 pi e) + log(det) / 2, with det = 4 - 1.8^2
    double entropy = Math.log(2 * Math.PI * Math.E) + Math.log(0.76) / 2;
    assertThat(sum / 20).isCloseTo(entropy, within(0.06));
  }

  @Test
  void theDensityIntegratesToOneUnderEachContext() {
    RealNVP flow = flow(1);
    for (int i = 0; i < 60; i++) {
      INDArray context = Networks.rows(-i, BATCH, 1);
      flow.network().fit(RealNVP.trainingBatch(gaussian(i, context), context));
    }
    for (double value : new double[] {-1, 0, 0.7}) {
      assertThat(integral(flow, value)).isCloseTo(1, within(0.01));
    }
  }

  /** The sum over a grid of 400 x 400 cells on [-20, 20]^2. */
  private static double integral(RealNVP flow, double context) {
    int side = 400;
    double cell = 40.0 / side;
    float[] grid = new float[2 * side * side];
    float[] contexts = new float[side * side];
    Arrays.fill(contexts, (float) context);
    for (int i = 0; i < side * side; i++) {
      grid[2 * i] = (float) (-20 + cell * (i / side + 0.5));
      grid[2 * i + 1] = (float) (-20 + cell * (i % side + 0.5));
    }
    double[] logProb = new double[side * side];
    FlowEngine.of(flow).logProb(grid, new Context.Values(contexts, flow.context()), logProb);
    return DoubleStream.of(logProb).map(Math::exp).sum() * cell * cell;
  }

  @Test
  void workspacesDoNotChangeTheTraining() {
    RealNVP with = flow(0);
    RealNVP without = flow(0);
    set(with, WorkspaceMode.ENABLED);
    set(without, WorkspaceMode.NONE);
    for (int i = 0; i < 20; i++) {
      with.network().fit(RealNVP.trainingBatch(gaussian(i, null), null));
      without.network().fit(RealNVP.trainingBatch(gaussian(i, null), null));
    }
    assertThat(with.network().params()).isEqualTo(without.network().params());
  }

  private static void set(RealNVP flow, WorkspaceMode mode) {
    flow.network().getLayerWiseConfigurations().setTrainingWorkspaceMode(mode);
    flow.network().getLayerWiseConfigurations().setInferenceWorkspaceMode(mode);
  }
}
