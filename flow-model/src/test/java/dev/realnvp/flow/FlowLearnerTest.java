package dev.realnvp.flow;

import static dev.realnvp.flow.Networks.doubles;
import static dev.realnvp.flow.Networks.rows;
import static dev.realnvp.flow.RandomFlows.RATE;
import static dev.realnvp.flow.RandomFlows.blocks;
import static dev.realnvp.flow.RandomFlows.fill;
import static dev.realnvp.flow.RandomFlows.flow;
import static dev.realnvp.flow.RandomFlows.like;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Learner;
import dev.realnvp.engine.StageSequenceGradients;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a learner does with a flow: its gradients against numeric ones of the equations in double,
 * its steps against those of DL4J's {@code fit}, over random flows.
 */
class FlowLearnerTest {

  /** In double; so short that a kink, which is one for all layers before it, is seldom near. */
  private static final double STEP = 1e-6;

  /** Of each parameter array so many derivatives are judged. */
  private static final int JUDGED = 3;

  /**
   * Of the sum of the losses in training. A kink of a ReLU that is too near is left out, and so is
   * a flow whose derivatives the rounding of its rows to floats would change, as a batch norm of
   * two rows that are nearly equal. The naive splines have differences for slopes, which have none
   * of their own; StageContractTest has their gradients.
   */
  @Property(tries = 40)
  void gradientsAreThoseOfTheEquations(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 12) int count) {
    Assume.that(config.coupling() == CouplingTransform.AFFINE);
    RealNVP flow = flow(config);
    INDArray x = rows(3, count, config.features());
    INDArray context = rows(4, count, config.context());
    NaiveFlow naive = new NaiveFlow(flow);
    double[][] rows = doubles(x);
    double[][] contexts = doubles(context);
    Batch batch = new Batch();
    fill(batch, x, context);
    MultiLayerNetwork gradients = flow.network().clone();
    gradients.setParams(
        Nd4j.createFromArray(StageSequenceGradients.of(flow.network(), batch)).reshape(1, -1));

    SplittableRandom random = new SplittableRandom(count);
    int judged = 0;
    int left = 0;
    for (Map.Entry<String, INDArray> param : gradients.paramTable().entrySet()) {
      double[][] values = naive.param(param.getKey());
      double[][] actual = doubles(param.getValue().reshape(values.length, values[0].length));
      for (int k = 0; k < JUDGED && !isStatistic(param.getKey()); k++) {
        int i = random.nextInt(values.length);
        int j = random.nextInt(values[0].length);
        double wide = difference(naive, values[i], j, 2 * STEP, rows, contexts);
        double numeric = difference(naive, values[i], j, STEP, rows, contexts);
        double size = Math.max(count, Math.abs(numeric));
        double nudged = difference(naive, values[i], j, STEP, nudged(rows), contexts);
        Assume.that(Math.abs(nudged - numeric) <= 1e-5 * size);
        if (Math.abs(wide - numeric) > 1e-5 * size) {
          left++;
        } else {
          judged++;
          assertThat(actual[i][j]).as(param.getKey()).isCloseTo(numeric, within(5e-4 * size));
        }
      }
    }
    assertThat(left).isLessThanOrEqualTo(judged / 10);
  }

  /**
   * The rows with each value replaced by one of its next floats, the upper and the lower in turn.
   */
  private static double[][] nudged(double[][] rows) {
    double[][] nudged = new double[rows.length][rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        float x = (float) rows[i][j];
        nudged[i][j] = (i + j) % 2 == 0 ? Math.nextUp(x) : Math.nextDown(x);
      }
    }
    return nudged;
  }

  private static boolean isStatistic(String name) {
    return name.endsWith("_mean") || name.endsWith("_var") || name.endsWith("_scale");
  }

  private static double difference(
      NaiveFlow naive, double[] values, int j, double step, double[][] x, double[][] context) {
    double value = values[j];
    values[j] = value + step;
    double plus = loss(naive, x, context);
    values[j] = value - step;
    double minus = loss(naive, x, context);
    values[j] = value;
    return (plus - minus) / (2 * step);
  }

  private static double loss(NaiveFlow naive, double[][] x, double[][] context) {
    return -DoubleStream.of(naive.logProb(x, context, true)).sum();
  }

  /**
   * The loss, the moments of Adam, which are shares of the gradient, and the running statistics.
   */
  @Property(tries = 60)
  void stepsAreThoseOfFit(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig any,
      @ForAll @DoubleRange(max = 2) double trim,
      @ForAll @IntRange(min = 1, max = 40) int count) {
    RealNVPConfig config = like(any).trim(trim).build();
    MultiLayerNetwork network = flow(config).network();
    INDArray x = rows(3, count, config.features());
    INDArray context = rows(4, count, config.context());
    Learner learner = Learner.of(network).orElseThrow();
    float[] parameters = network.params().dup().data().asFloat();
    float[] updater = new float[(int) network.getUpdater().getStateViewArray().length()];
    learner.load(parameters, updater, 0, 0);
    fill(learner.batch(), x, context);

    double loss = learner.fit();
    learner.store(parameters, updater);
    network.fit(RealNVP.trainingBatch(x, context));

    double size = 1;
    for (int i = 0; i < count; i++) {
      size = Math.max(size, Math.abs(learner.batch().losses()[i]));
    }
    assertThat(loss).isCloseTo(network.score(), within(1e-6 * size));
    float[] moments = network.getUpdater().getStateViewArray().dup().data().asFloat();
    float[] after = network.params().dup().data().asFloat();
    for (UpdaterBlock block : blocks(network)) {
      int from = block.getUpdaterViewOffsetStart();
      int to = block.getUpdaterViewOffsetEnd();
      // The first ones, then the second, of which ND4J's are greater by 1.3e-5 of themselves.
      int middle = (from + to) / 2;
      assertClose(updater, moments, from, middle, 1e-6f);
      assertClose(updater, moments, middle, to, 2e-5f);
      if (from == to) {
        int first = block.getParamOffsetStart();
        assertClose(parameters, after, first, block.getParamOffsetEnd(), 1e-6f);
      }
    }
  }

  /** Relative to the largest, if that is above 1. */
  private static void assertClose(
      float[] actual, float[] expected, int from, int to, float tolerance) {
    float[] wanted = Arrays.copyOfRange(expected, from, to);
    float largest = 1;
    for (float value : wanted) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(Arrays.copyOfRange(actual, from, to))
        .containsExactly(wanted, within(tolerance * largest));
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
