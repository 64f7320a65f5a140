package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.Learner;
import dev.realnvp.engine.Program;
import dev.realnvp.engine.Stage;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The stages of a flow against its DL4J layers, over random flows. */
class FlowProgramTest {

  private static final double RATE = 1e-2;
  private static final double L2 = 1e-3;

  @Provide
  Arbitrary<RealNVPConfig> configs() {
    return Combinators.combine(
            Arbitraries.integers().between(2, 9),
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(1, 4),
            Arbitraries.integers().between(1, 17).list().ofMinSize(1).ofMaxSize(3),
            Arbitraries.of(CouplingMask.values()),
            Arbitraries.integers().between(0, 15))
        .as(
            (features, context, couplings, hidden, mask, bits) ->
                new RealNVPConfig(
                    features,
                    context,
                    couplings,
                    hidden,
                    mask,
                    (bits & 1) == 1,
                    (bits & 2) == 2,
                    (bits & 4) == 4,
                    7 + bits / 8));
  }

  /**
   * A flow whose parameters are all away from their initial values; with an even seed it
   * standardises its features.
   */
  private static RealNVP flow(RealNVPConfig config) {
    Optimizer optimizer = new Optimizer(RATE, Schedule.CONSTANT, 1, L2);
    double[] ones = new double[config.features()];
    Arrays.fill(ones, 1);
    RealNVP flow =
        config.seed() % 2 == 0
            ? RealNVP.create(config, new FeatureScaling(ones, ones), optimizer)
            : RealNVP.create(config, optimizer);
    Nd4j.getRandom().setSeed(11);
    for (Map.Entry<String, INDArray> param : flow.network().paramTable().entrySet()) {
      INDArray noise = Nd4j.randn(DataType.FLOAT, param.getValue().shape()).muli(0.3);
      param
          .getValue()
          .assign(Networks.isPositive(param.getKey()) ? noise.mul(noise).addi(0.5) : noise);
    }
    return flow;
  }

  private static List<UpdaterBlock> blocks(MultiLayerNetwork network) {
    return ((BaseMultiLayerUpdater<?>) network.getUpdater()).getUpdaterBlocks();
  }

  private static INDArray rows(long seed, int count, int columns) {
    INDArray rows = Networks.rows(seed, count, columns);
    return rows == null ? null : rows.castTo(DataType.FLOAT);
  }

  private static void fill(Batch batch, INDArray x, INDArray context) {
    batch.rows((int) x.size(0));
    copy(x, batch.inputs().atLeast(x.length()));
    if (context != null) {
      copy(context, batch.context().atLeast(context.length()));
    }
  }

  private static void copy(INDArray from, float[] to) {
    float[] columns = from.dup('f').data().asFloat();
    System.arraycopy(columns, 0, to, 0, columns.length);
  }

  private static void assertClose(float[] actual, float[] values) {
    for (int i = 0; i < values.length; i++) {
      assertThat(actual[i]).isCloseTo(values[i], within(1e-5f * Math.max(1, Math.abs(values[i]))));
    }
  }

  /** More rows than a block, so that each block gets its own. */
  @Property(tries = 20)
  void anyNumbersMayBeTheContext(
      @ForAll("configs") RealNVPConfig config, @ForAll @IntRange(min = 1, max = 500) int count) {
    RealNVP flow = flow(config);
    INDArray x = rows(1, count, config.features());
    INDArray context = rows(2, count, config.context());
    float[] contexts = context == null ? new float[0] : context.dup('c').data().asFloat();
    FlowProgram program = FlowProgram.of(flow);

    double[] logProb = new double[count];
    program.logProbGiven(x.dup('c').data().asFloat(), contexts, logProb);
    float[] z = x.dup('c').data().asFloat();
    program.baseGiven(z, contexts, count);

    INDArray expected = flow.logProb(x, context);
    for (int i = 0; i < count; i++) {
      double of = expected.getDouble(i);
      assertThat(logProb[i]).isCloseTo(of, within(1e-4 * Math.max(1, Math.abs(of))));
    }
    float[] base = flow.forward(x, context).outputs().dup('c').data().asFloat();
    for (int i = 0; i < base.length; i++) {
      assertThat(z[i]).isCloseTo(base[i], within(1e-4f * Math.max(1, Math.abs(base[i]))));
    }
  }

  @Property(tries = 60)
  void forwardAndInverseAreTheLayers(
      @ForAll("configs") RealNVPConfig config, @ForAll @IntRange(min = 1, max = 40) int count) {
    RealNVP flow = flow(config);
    INDArray x = rows(1, count, config.features());
    INDArray context = rows(2, count, config.context());
    Transformed expected = flow.forward(x, context);
    Program program = Program.of(flow.network()).orElseThrow();
    Batch batch = new Batch();
    fill(batch, x, context);

    program.forward(batch, false);

    assertClose(batch.values().array(), expected.outputs().dup('f').data().asFloat());
    INDArray logProb = flow.logProb(x, context);
    for (int i = 0; i < count; i++) {
      assertThat(-batch.losses()[i])
          .isCloseTo(
              logProb.getDouble(i), within(1e-5 * Math.max(1, Math.abs(logProb.getDouble(i)))));
    }

    fill(batch, x, context);
    List<Stage> stages = program.stages();
    for (int i = stages.size() - 2; i >= 0; i--) {
      ((InvertibleStage) stages.get(i)).inverse(batch);
    }
    Transformed back = flow.inverse(x, context);
    assertClose(batch.values().array(), back.outputs().dup('f').data().asFloat());
    for (int i = 0; i < count; i++) {
      double logDet = back.logAbsDetJacobian().getDouble(i);
      assertThat(batch.logDet()[i]).isCloseTo(logDet, within(1e-5 * Math.max(1, Math.abs(logDet))));
    }
  }

  /** More rows than are taken at once. */
  @Property(tries = 20)
  void baseIsForward(
      @ForAll("configs") RealNVPConfig config, @ForAll @IntRange(min = 1, max = 300) int count) {
    RealNVP flow = flow(config);
    INDArray x = rows(7, count, config.features());
    int classes = config.context();
    int[] labels = classes == 0 ? null : IntStream.range(0, count).map(i -> i % classes).toArray();
    INDArray context = classes == 0 ? null : ClassContext.oneHot(labels, classes);
    float[] values = x.dup('c').data().asFloat();

    FlowProgram.of(flow).base(values, labels, count);

    assertClose(values, flow.forward(x, context).outputs().dup('c').data().asFloat());
  }

  /**
   * After one step, Adam's first moments are a tenth of the gradient, and statistics have moved.
   */
  @Property(tries = 60)
  void gradientsAreTheLayers(
      @ForAll("configs") RealNVPConfig config, @ForAll @IntRange(min = 1, max = 40) int count) {
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
  void aStepIsAdams(@ForAll("configs") RealNVPConfig config) {
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

  /** N times the gradient of the weighted loss, by Adam's first moments after the first step. */
  private static double[] gradient(
      RealNVPConfig config, INDArray x, INDArray context, float[] weights, double clipNorm) {
    RealNVP flow = flow(config);
    Learner learner = Learner.of(flow.network(), clipNorm).orElseThrow();
    float[] updater = new float[(int) flow.network().getUpdater().getStateViewArray().length()];
    learner.load(flow.network().params().dup().data().asFloat(), updater, 0, 0);
    fill(learner.batch(), x, context);
    if (weights != null) {
      System.arraycopy(weights, 0, learner.batch().weigh(), 0, weights.length);
    }
    learner.fit();
    learner.store(new float[(int) flow.network().numParams()], updater);
    float[] parameters = flow.network().params().dup().data().asFloat();
    List<Double> gradient = new ArrayList<>();
    for (UpdaterBlock block : blocks(flow.network())) {
      int size = (block.getUpdaterViewOffsetEnd() - block.getUpdaterViewOffsetStart()) / 2;
      for (int i = 0; i < size; i++) {
        double mean = updater[block.getUpdaterViewOffsetStart() + i] / 0.1;
        double l2 = L2 * parameters[block.getParamOffsetStart() + i];
        gradient.add(x.size(0) * (mean - l2));
      }
    }
    return gradient.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double norm(double[] vector) {
    return Math.sqrt(DoubleStream.of(vector).map(g -> g * g).sum());
  }

  private static void assertClose(double[] actual, double[] expected) {
    assertThat(actual).containsExactly(expected, within(1e-4 * (1 + norm(expected))));
  }

  /** Each row counts by its weight, so the gradient is linear in the weights. */
  @Property(tries = 40)
  void gradientsAddUpAsTheWeightsDo(
      @ForAll("configs") RealNVPConfig config,
      @ForAll @Size(9) List<@FloatRange(max = 4) Float> weights) {
    INDArray x = rows(3, 9, config.features());
    INDArray context = rows(4, 9, config.context());
    float[] given = new float[9];
    float[] more = new float[9];
    for (int i = 0; i < 9; i++) {
      given[i] = weights.get(i);
      more[i] = given[i] + 1;
    }
    double[] sum = gradient(config, x, context, null, 0);
    double[] part = gradient(config, x, context, given, 0);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += part[i];
    }
    assertClose(gradient(config, x, context, more, 0), sum);
  }

  /** But for the batch's own statistics, which weights do not enter. */
  @Property(tries = 40)
  void aWholeWeightIsThatManyRows(
      @ForAll("configs") RealNVPConfig any,
      @ForAll @Size(6) List<@IntRange(max = 3) Integer> weights) {
    RealNVPConfig config =
        new RealNVPConfig(
            any.features(),
            any.context(),
            any.couplings(),
            any.hidden(),
            any.mask(),
            any.permute(),
            false,
            any.sharedNetwork(),
            any.seed());
    INDArray x = rows(3, 6, config.features());
    INDArray context = rows(4, 6, config.context());
    float[] given = new float[6];
    List<Integer> repeated = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      given[i] = weights.get(i);
      repeated.addAll(Collections.nCopies(weights.get(i), i));
    }
    if (!repeated.isEmpty()) {
      int[] rows = repeated.stream().mapToInt(Integer::intValue).toArray();
      double[] expected =
          gradient(
              config, x.getRows(rows), context == null ? null : context.getRows(rows), null, 0);
      assertClose(gradient(config, x, context, given, 0), expected);
    }
  }

  @Property(tries = 40)
  void aLongGradientIsShortenedAndAShortOneIsNot(
      @ForAll("configs") RealNVPConfig config,
      @ForAll @DoubleRange(min = 0.01, max = 10) double clipNorm) {
    INDArray x = rows(3, 8, config.features());
    INDArray context = rows(4, 8, config.context());
    double[] gradient = gradient(config, x, context, null, 0);
    double factor = Math.min(1, 8 * clipNorm / norm(gradient));
    double[] expected = DoubleStream.of(gradient).map(g -> factor * g).toArray();
    assertClose(gradient(config, x, context, null, clipNorm), expected);
  }
}
