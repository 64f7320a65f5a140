package dev.realnvp.flow;

import static dev.realnvp.flow.Networks.doubles;
import static dev.realnvp.flow.Networks.floats;
import static dev.realnvp.flow.Networks.rows;
import static dev.realnvp.flow.RandomFlows.fill;
import static dev.realnvp.flow.RandomFlows.flow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StageSequence;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The stages of a flow, in float, against its equations in double, over random flows. */
class FlowEngineTest {

  /**
   * Relative for values above 1; floats have left 1.3e-5 where they cancelled, and 4e-5 where
   * splines, which are up to 20 times as steep, followed each other.
   */
  private static final double TOLERANCE = 1e-4;

  /** More rows than a block, so that each block gets its own. */
  @Property(tries = 20)
  void anyNumbersMayBeTheContext(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 500) int count) {
    RealNVP flow = flow(config);
    INDArray x = rows(1, count, config.features());
    INDArray context = rows(2, count, config.context());
    FlowEngine program = FlowEngine.of(flow);

    double[] logProb = new double[count];
    program.logProb(floats(x), Networks.context(context), logProb);
    float[] z = floats(x);
    program.base(z, Networks.context(context), count);
    float[] samples = floats(x);
    double[] logProbOfSamples = new double[count];
    program.samples(samples, Networks.context(context), logProbOfSamples);

    NaiveFlow naive = new NaiveFlow(flow);
    double[][] rows = doubles(x);
    double[][] contexts = doubles(context);
    assertClose(logProb, naive.logProb(rows, contexts, false));
    assertClose(z, naive.forward(rows, contexts, false).rows());
    NaiveFlow.Result inverse = naive.inverse(rows, contexts);
    assertClose(samples, inverse.rows());
    for (int i = 0; i < count; i++) {
      assertClose(logProbOfSamples[i], NaiveFlow.standardNormal(rows[i]) - inverse.logDet()[i]);
    }
  }

  @Property(tries = 60)
  void forwardAndInverseAreTheEquations(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 40) int count,
      @ForAll boolean training) {
    RealNVP flow = flow(config);
    INDArray x = rows(1, count, config.features());
    INDArray context = rows(2, count, config.context());
    NaiveFlow naive = new NaiveFlow(flow);
    StageSequence program = StageSequence.of(flow.network()).orElseThrow();
    Batch batch = new Batch();
    fill(batch, x, context);
    List<Stage> stages = program.stages();
    for (int i = stages.size() - 2; i >= 0; i--) {
      ((InvertibleStage) stages.get(i)).inverse(batch);
    }
    NaiveFlow.Result back = naive.inverse(doubles(x), doubles(context));
    assertColumns(batch, back.rows());
    assertClose(batch.logDet(), back.logDet());

    fill(batch, x, context);
    program.forward(batch, training);

    NaiveFlow.Result forward = naive.forward(doubles(x), doubles(context), training);
    assertColumns(batch, forward.rows());
    assertClose(batch.logDet(), forward.logDet());
    double[] logProb = naive.logProb(doubles(x), doubles(context), training);
    for (int i = 0; i < count; i++) {
      assertClose(-batch.losses()[i], logProb[i]);
    }
  }

  /** More rows than are taken at once. */
  @Property(tries = 20)
  void classesAreOneHotContexts(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 300) int count) {
    RealNVP flow = flow(config);
    INDArray x = rows(7, count, config.features());
    int classes = config.context();
    Context given =
        classes == 0
            ? Context.NONE
            : new Context.Classes(
                IntStream.range(0, count).map(i -> i % classes).toArray(), classes);
    double[][] context = doubles(given.array(count, i -> i));
    float[] values = floats(x);
    double[] logProb = new double[count];
    FlowEngine program = FlowEngine.of(flow);

    program.base(values, given, count);
    program.logProb(floats(x), given, logProb);

    NaiveFlow naive = new NaiveFlow(flow);
    assertClose(values, naive.forward(doubles(x), context, false).rows());
    assertClose(logProb, naive.logProb(doubles(x), context, false));
  }

  private static void assertColumns(Batch batch, double[][] rows) {
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        assertClose(batch.values().array()[j * rows.length + i], rows[i][j]);
      }
    }
  }

  private static void assertClose(float[] actual, double[][] rows) {
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        assertClose(actual[i * rows[i].length + j], rows[i][j]);
      }
    }
  }

  private static void assertClose(double[] actual, double[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertClose(actual[i], expected[i]);
    }
  }

  /** AssertJ has its say only about a difference: a call of it costs more than a row of a flow. */
  private static void assertClose(double actual, double expected) {
    double tolerance = TOLERANCE * Math.max(1, Math.abs(expected));
    if (!(Math.abs(actual - expected) <= tolerance)) {
      assertThat(actual).isCloseTo(expected, within(tolerance));
    }
  }
}
