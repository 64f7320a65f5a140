package dev.realnvp.flow;

import static dev.realnvp.flow.Networks.doubles;
import static dev.realnvp.flow.Networks.floats;
import static dev.realnvp.flow.Networks.rows;
import static dev.realnvp.flow.RandomFlows.fill;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.StageSequence;
import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.layer.MixedFeatures;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The stages of a flow, in float, against its equations in double, over random flows. */
class FlowEngineTest {

  /** Relative for values above 1; floats have left 1.3e-5 where they cancelled. */
  private static final double TOLERANCE = 1e-4;

  /** Of what a few random choices of roundings do to a result. */
  private static final double ROUNDINGS = 16;

  private RealNVP flow;

  /** More rows than a block, so that each block gets its own. */
  @Property(tries = 20)
  void anyNumbersMayBeTheContext(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 500) int count) {
    flow = RandomFlows.flow(config);
    INDArray x = rows(1, count, config.features());
    INDArray context = rows(2, count, config.context());
    FlowEngine program = FlowEngine.of(flow);

    double[] logProb = new double[count];
    program.logProb(floats(x), Networks.context(context), logProb);
    float[] z = floats(x);
    z = program.toLatent(z, Networks.context(context), count);
    float[] samples = floats(x);
    double[] logProbOfSamples = new double[count];
    samples = program.fromLatent(samples, Networks.context(context), logProbOfSamples);

    double[][] rows = doubles(x);
    double[][] contexts = doubles(context);
    assertClose(logProb, naive -> naive.logProb(rows, contexts, false));
    assertClose(toDoubles(z), naive -> flat(naive.forward(rows, contexts, false).rows()));
    assertClose(toDoubles(samples), naive -> flat(naive.inverse(rows, contexts).rows()));
    assertClose(
        logProbOfSamples,
        naive -> {
          double[] logDet = naive.inverse(rows, contexts).logDet();
          return IntStream.range(0, count)
              .mapToDouble(i -> NaiveFlow.standardNormal(rows[i]) - logDet[i])
              .toArray();
        });
  }

  @Property(tries = 60)
  void forwardAndInverseAreTheEquations(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 40) int count,
      @ForAll boolean training) {
    flow = RandomFlows.flow(config);
    INDArray x = rows(1, count, config.features());
    INDArray context = rows(2, count, config.context());
    double[][] rows = doubles(x);
    double[][] contexts = doubles(context);
    StageSequence program = StageSequence.of(flow.network()).orElseThrow();
    Batch batch = new Batch();
    fill(batch, x, context);
    program.inverse(batch);
    assertClose(rowsOf(batch, rows), naive -> flat(naive.inverse(rows, contexts).rows()));
    assertClose(logDetOf(batch, rows), naive -> naive.inverse(rows, contexts).logDet());

    fill(batch, x, context);
    program.forward(batch, training);

    assertClose(rowsOf(batch, rows), naive -> flat(naive.forward(rows, contexts, training).rows()));
    assertClose(logDetOf(batch, rows), naive -> naive.forward(rows, contexts, training).logDet());
    assertClose(
        IntStream.range(0, count).mapToDouble(i -> -batch.losses()[i]).toArray(),
        naive -> naive.logProb(rows, contexts, training));
  }

  /**
   * By differences in double, where no kink of a ReLU is near. The naive splines have differences
   * for slopes, which have none of their own.
   */
  @Property(tries = 40)
  void gradientsAreTheNumericOnes(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 300) int count) {
    Assume.that(config.coupling() == CouplingTransform.AFFINE);
    flow = RandomFlows.flow(config);
    INDArray x = rows(1, count, config.features());
    INDArray context = rows(2, count, config.context());
    assertGradients(x, context);
  }

  private void assertGradients(INDArray x, INDArray context) {
    int count = (int) x.size(0);
    int features = flow.features();
    float[] gradients = floats(x);
    FlowEngine.of(flow).gradients(gradients, Networks.context(context), count);

    int left = 0;
    for (int j = 0; j < features; j++) {
      double[] wide = differences(x, context, j, 2e-6);
      double[] numeric = differences(x, context, j, 1e-6);
      for (int i = 0; i < count; i++) {
        double size = Math.max(1, Math.abs(numeric[i]));
        if (Math.abs(wide[i] - numeric[i]) > 1e-5 * size) {
          left++;
        } else {
          assertThat((double) gradients[i * features + j])
              .isCloseTo(numeric[i], within(2e-3 * size));
        }
      }
    }
    assertThat(left).isLessThanOrEqualTo(gradients.length / 10);
  }

  @ParameterizedTest
  @MethodSource("dev.realnvp.flow.MixedFlows#all")
  void levelsAndCurvesAreTheEquations(RealNVP mixed) {
    flow = mixed;
    int count = 300;
    INDArray x = MixedFlows.rows(flow, 1, count);
    INDArray context = rows(2, count, flow.context());
    FlowEngine program = FlowEngine.of(flow);
    double[] logProb = new double[count];
    program.logProb(floats(x), Networks.context(context), logProb);
    float[] latents = program.toLatent(floats(x), Networks.context(context), count);

    double[][] rows = doubles(x);
    double[][] contexts = doubles(context);
    assertClose(logProb, naive -> naive.logProb(rows, contexts, false));
    int numbers = flow.layers().get(flow.layers().size() - 1).featuresAfter();
    double[] z = new double[count * numbers];
    Arrays.setAll(z, k -> latents[k / numbers * program.latents() + k % numbers]);
    assertClose(z, naive -> flat(naive.forward(rows, contexts, false).rows()));
    if (flow.coupling() == CouplingTransform.AFFINE) {
      assertGradients(x, context);
    }
  }

  /** Of log p of each row by feature j. */
  private double[] differences(INDArray x, INDArray context, int j, double step) {
    NaiveFlow naive = new NaiveFlow(flow);
    double[][] rows = doubles(x);
    double[][] contexts = doubles(context);
    move(rows, j, step);
    double[] above = naive.logProb(rows, contexts, false);
    move(rows, j, -2 * step);
    double[] below = naive.logProb(rows, contexts, false);
    return IntStream.range(0, above.length)
        .mapToDouble(i -> (above[i] - below[i]) / (2 * step))
        .toArray();
  }

  /** Moves a feature, and what is a copy of it; but no level. */
  private void move(double[][] rows, int j, double step) {
    List<FeatureKind> kinds = flow.mixed().map(MixedFeatures::kinds).orElse(List.of());
    for (double[] row : rows) {
      double before = row[j];
      for (int k = 0; k < row.length; k++) {
        boolean copy = !kinds.isEmpty() && kinds.get(k).copied() == j && row[k] == before;
        boolean number =
            kinds.isEmpty()
                || kinds.get(j).isContinuous()
                    && kinds.get(j).level((float) before, 0) >= kinds.get(j).size() - 1;
        row[k] += number && (k == j || copy) ? step : 0;
      }
    }
  }

  /** More rows than are taken at once. */
  @Property(tries = 20)
  void classesAreOneHotContexts(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 300) int count) {
    flow = RandomFlows.flow(config);
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

    values = program.toLatent(values, given, count);
    program.logProb(floats(x), given, logProb);

    double[][] rows = doubles(x);
    assertClose(toDoubles(values), naive -> flat(naive.forward(rows, context, false).rows()));
    assertClose(logProb, naive -> naive.logProb(rows, context, false));
  }

  /** Of a flow that is large enough for the kernels that products of some size have. */
  @Test
  void steadyResultsAreTheSameBitsInAnyCompany() {
    flow =
        RandomFlows.flow(
            RealNVPConfig.builder(70, 3, 3, List.of(130, 50))
                .linear(LinearMap.LU)
                .batchNorm(true)
                .seed(8)
                .build());
    FlowEngine program = FlowEngine.batchInvariant(flow);
    INDArray x = rows(1, 600, 70);
    int[] labels = IntStream.range(0, 600).map(i -> i % 3).toArray();
    List<double[]> all = results(program, floats(x), labels);
    for (int count : List.of(1, 7, 40, 208, 209, 500)) {
      int[] some = new Random(count).ints(count, 0, 600).toArray();
      float[] values = floats(Nd4j.pullRows(x, 1, some));
      int[] classes = IntStream.of(some).map(i -> labels[i]).toArray();
      List<double[]> results = results(program, values, classes);
      for (int k = 0; k < all.size(); k++) {
        int width = all.get(k).length / 600;
        for (int i = 0; i < count; i++) {
          assertThat(Arrays.copyOfRange(results.get(k), i * width, (i + 1) * width))
              .isEqualTo(Arrays.copyOfRange(all.get(k), some[i] * width, (some[i] + 1) * width));
        }
      }
    }
  }

  /** Densities, gradients, base, and samples, row by row. */
  private static List<double[]> results(FlowEngine program, float[] x, int[] labels) {
    Context classes = new Context.Classes(labels, 3);
    double[] logProb = new double[labels.length];
    program.logProb(x, classes, logProb);
    float[] gradients = x.clone();
    program.gradients(gradients, classes, labels.length);
    float[] z = x.clone();
    z = program.toLatent(z, classes, labels.length);
    float[] samples = x.clone();
    double[] logProbOfSamples = new double[labels.length];
    samples = program.fromLatent(samples, classes, logProbOfSamples);
    return List.of(
        logProb, logProbOfSamples, toDoubles(gradients), toDoubles(z), toDoubles(samples));
  }

  private static double[] rowsOf(Batch batch, double[][] like) {
    float[] columns = batch.values().array();
    double[][] rows = Arrays.stream(like).map(double[]::clone).toArray(double[][]::new);
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        rows[i][j] = columns[j * rows.length + i];
      }
    }
    return flat(rows);
  }

  private static double[] logDetOf(Batch batch, double[][] rows) {
    return IntStream.range(0, rows.length).mapToDouble(i -> batch.logDet()[i]).toArray();
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double[] toDoubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  /** AssertJ has its say only about a difference: a call of it costs more than a row of a flow. */
  private void assertClose(double[] actual, Function<NaiveFlow, double[]> result) {
    double[] expected = result.apply(new NaiveFlow(flow));
    double[] roundings = NaiveFlow.roundings(flow, result);
    for (int i = 0; i < expected.length; i++) {
      double tolerance = TOLERANCE * Math.max(1, Math.abs(expected[i])) + ROUNDINGS * roundings[i];
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
        assertThat(actual[i]).isCloseTo(expected[i], within(tolerance));
      }
    }
  }
}
