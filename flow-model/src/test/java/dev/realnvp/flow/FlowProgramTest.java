package dev.realnvp.flow;

import static dev.realnvp.flow.RandomFlows.fill;
import static dev.realnvp.flow.RandomFlows.flow;
import static dev.realnvp.flow.RandomFlows.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.Program;
import dev.realnvp.engine.Stage;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The stages of a flow against its DL4J layers, over random flows. */
class FlowProgramTest {

  /** More rows than a block, so that each block gets its own. */
  @Property(tries = 20)
  void anyNumbersMayBeTheContext(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 500) int count) {
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
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 40) int count) {
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
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 300) int count) {
    RealNVP flow = flow(config);
    INDArray x = rows(7, count, config.features());
    int classes = config.context();
    int[] labels = classes == 0 ? null : IntStream.range(0, count).map(i -> i % classes).toArray();
    INDArray context = classes == 0 ? null : ClassContext.oneHot(labels, classes);
    float[] values = x.dup('c').data().asFloat();

    FlowProgram.of(flow).base(values, labels, count);

    assertClose(values, flow.forward(x, context).outputs().dup('c').data().asFloat());
  }

  private static void assertClose(float[] actual, float[] values) {
    for (int i = 0; i < values.length; i++) {
      assertThat(actual[i]).isCloseTo(values[i], within(1e-5f * Math.max(1, Math.abs(values[i]))));
    }
  }
}
