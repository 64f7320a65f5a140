package dev.realnvp.flow;

import static dev.realnvp.flow.Networks.rows;
import static dev.realnvp.flow.RandomFlows.L2;
import static dev.realnvp.flow.RandomFlows.blocks;
import static dev.realnvp.flow.RandomFlows.fill;
import static dev.realnvp.flow.RandomFlows.flow;
import static dev.realnvp.flow.RandomFlows.like;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Learner;
import dev.realnvp.engine.StageSequenceGradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What weights of rows, trimming and a bound on its norm do to the gradient of a flow. */
class FlowGradientScalingTest {

  /** Each row counts by its weight, so the gradient is linear in the weights. */
  @Property(tries = 40)
  void gradientsAddUpAsTheWeightsDo(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
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
      @ForAll(supplier = RandomFlows.class) RealNVPConfig any,
      @ForAll @Size(6) List<@IntRange(max = 3) Integer> weights) {
    RealNVPConfig config = like(any).batchNorm(false).build();
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

  /** But for the batch's own statistics, which all rows enter. */
  @Property(tries = 40)
  void rowsFarLessLikelyThanTheOthersDoNotCount(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig any,
      @ForAll @IntRange(min = 4, max = 12) int count,
      @ForAll @IntRange(max = 2) int far) {
    RealNVPConfig config = like(any).batchNorm(false).build();
    INDArray near = rows(3, count, config.features());
    INDArray context = rows(4, count + far, config.context());
    double[] expected =
        gradient(
            like(config).trim(1e6).build(),
            near,
            context == null ? null : context.get(interval(0, count), all()),
            null,
            0);
    double more = (count + far) / (double) count;
    INDArray x =
        Nd4j.vstack(near, Nd4j.ones(far + 1, config.features()).muli(1e4))
            .get(interval(0, count + far), all());
    assertClose(
        gradient(like(config).trim(1e3).build(), x, context, null, 0),
        DoubleStream.of(expected).map(g -> more * g).toArray());
  }

  /**
   * The fence is so many interquartile ranges beyond the quartile. Quartiles of the losses -log
   * p(x), by their definition: the least that so many do not exceed. Every other row is suspected.
   */
  @Property(tries = 40)
  void suspectedRowsBeyondTheFenceDoNotCount(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @IntRange(min = 1, max = 12) int count,
      @ForAll @DoubleRange(min = 0.1, max = 1) double trim) {
    INDArray x = rows(3, count, config.features());
    INDArray context = rows(4, count, config.context());
    Batch batch = new Batch();
    fill(batch, x, context);
    StageSequenceGradients.of(flow(config).network(), batch);
    double[] losses = Arrays.copyOf(batch.losses(), count);
    double first = quantile(losses, 0.25);
    double third = quantile(losses, 0.75);
    float[] kept = new float[count];
    float share = 0;
    for (int i = 0; i < count; i++) {
      boolean near = third == first || losses[i] <= third + trim * (third - first);
      kept[i] = near || i % 2 == 0 ? 1 : 0;
      share += kept[i] / count;
    }
    for (int i = 0; i < count; i++) {
      kept[i] /= share;
    }
    assertClose(
        gradient(like(config).trim(trim).build(), x, context, null, 0, row -> row % 2 == 1),
        gradient(config, x, context, kept, 0));
  }

  private static double quantile(double[] values, double share) {
    return DoubleStream.of(values)
        .sorted()
        .skip((long) Math.floor(share * (values.length - 1)))
        .findFirst()
        .orElseThrow();
  }

  @Property(tries = 40)
  void aLongGradientIsShortenedAndAShortOneIsNot(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll @DoubleRange(min = 0.01, max = 10) double maxGradientNorm) {
    INDArray x = rows(3, 8, config.features());
    INDArray context = rows(4, 8, config.context());
    double[] gradient = gradient(config, x, context, null, 0);
    double factor = Math.min(1, 8 * maxGradientNorm / norm(gradient));
    double[] expected = DoubleStream.of(gradient).map(g -> factor * g).toArray();
    assertClose(gradient(config, x, context, null, maxGradientNorm), expected);
  }

  /** N times the gradient of the weighted loss, by Adam's first moments after the first step. */
  private static double[] gradient(
      RealNVPConfig config, INDArray x, INDArray context, float[] weights, double maxGradientNorm) {
    return gradient(config, x, context, weights, maxGradientNorm, row -> true);
  }

  private static double[] gradient(
      RealNVPConfig config,
      INDArray x,
      INDArray context,
      float[] weights,
      double maxGradientNorm,
      IntPredicate suspects) {
    RealNVP flow = flow(config);
    Learner learner = Learner.of(flow.network(), maxGradientNorm).orElseThrow();
    float[] updater = new float[(int) flow.network().getUpdater().getStateViewArray().length()];
    learner.load(flow.network().params().dup().data().asFloat(), updater, 0, 0);
    fill(learner.batch(), x, context);
    learner.batch().suspect(suspects);
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
}
