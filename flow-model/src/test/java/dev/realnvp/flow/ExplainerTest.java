package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.Explainer.Counterfactual;
import dev.realnvp.flow.layer.InvertibleLinear;
import dev.realnvp.flow.layer.Standardization;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;

/** Repairs against closed forms, and against the equations of flows in double. */
class ExplainerTest {

  private static final float[] NONE = {};

  /** More than are all tried. */
  private static final int FEATURES = 36;

  /** A normal distribution: z = W (x - m) / s. */
  private static RealNVP gaussian() {
    List<Integer> order =
        IntStream.range(0, FEATURES).mapToObj(j -> (5 * j + 2) % FEATURES).toList();
    List<Integer> sign = IntStream.range(0, FEATURES).mapToObj(j -> j % 3 == 0 ? -1 : 1).toList();
    MultiLayerNetwork network =
        Networks.of(
            new Standardization(FEATURES, 0, List.of()), new InvertibleLinear(0, order, sign));
    network.getParam("1_lu").muli(0.4);
    return RealNVP.of(network);
  }

  private static Explainer explainer(RealNVP flow) {
    return new Explainer(flow, new double[] {1});
  }

  /** Of one row. */
  private static List<Counterfactual> explain(
      Explainer explainer, float[] row, float[] numbers, int count) {
    return explainer.explain(row, new Context.Values(numbers, numbers.length), 1, count).get(0);
  }

  /** The row in base space, which is linear in x, and its Jacobian, by the layers' equations. */
  private record Linear(double[] z, double[][] jacobian) {

    static Linear at(RealNVP flow, double[] x) {
      double[][] rows = new double[x.length + 1][];
      Arrays.setAll(rows, j -> x.clone());
      for (int j = 0; j < x.length; j++) {
        rows[j][j] += 1;
      }
      double[][] z = new NaiveFlow(flow).forward(rows, null, false).rows();
      double[][] jacobian = new double[x.length][x.length];
      for (int i = 0; i < x.length; i++) {
        for (int j = 0; j < x.length; j++) {
          jacobian[i][j] = z[j][i] - z[x.length][i];
        }
      }
      return new Linear(z[x.length], jacobian);
    }

    /** Element j of {@code P (x - m)}, with P the precision matrix, {@code J^T J}. */
    double slope(int j) {
      return IntStream.range(0, z.length).mapToDouble(i -> jacobian[i][j] * z[i]).sum();
    }

    double precision(int j) {
      return IntStream.range(0, z.length).mapToDouble(i -> jacobian[i][j] * jacobian[i][j]).sum();
    }

    double gain(int j) {
      return slope(j) * slope(j) / (2 * precision(j));
    }
  }

  /** To 0.02 nats, and a fifth of the feature's deviation given the others. */
  @Test
  void areThoseOfTheClosedFormUnderANormalDistribution() {
    RealNVP flow = gaussian();
    Explainer explainer = explainer(flow);
    for (int seed = 0; seed < 20; seed++) {
      float[] row = Networks.floats(Networks.rows(seed, 1, FEATURES).mul(3));
      double[] x = IntStream.range(0, FEATURES).mapToDouble(j -> row[j]).toArray();
      Set<Integer> left = new HashSet<>(IntStream.range(0, FEATURES).boxed().toList());
      for (Counterfactual repair : explain(explainer, row, NONE, 3)) {
        Linear linear = Linear.at(flow, x);
        double most = left.stream().mapToDouble(linear::gain).max().orElseThrow();
        int j = repair.feature();
        assertThat(left.remove(j)).isTrue();
        assertThat(repair.value()).isEqualTo(row[j]);
        assertThat(repair.nats()).isCloseTo(most, within(Math.max(0.02, 1e-3 * most)));
        assertThat(linear.gain(j)).isCloseTo(most, within(Math.max(0.02, 1e-3 * most)));
        assertThat((double) repair.normal())
            .isCloseTo(
                x[j] - linear.slope(j) / linear.precision(j),
                within(0.2 / Math.sqrt(linear.precision(j))));
        x[j] = repair.normal();
      }
      assertThat(left).hasSize(FEATURES - 3);
    }
  }

  /** With the classes summed out, or given numbers. */
  @Property(tries = 40)
  void natsAreThoseOfTheDensity(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config,
      @ForAll boolean classes,
      @ForAll @IntRange(min = 1, max = 12) int count) {
    RealNVP flow = RandomFlows.flow(config);
    int context = config.context();
    double[] prior = classes ? new double[Math.max(context, 1)] : new double[0];
    Arrays.setAll(prior, k -> k + 1);
    float[] numbers = classes ? NONE : Networks.floats(Networks.rows(8, 1, context));
    float[] row = Networks.floats(Networks.rows(count, 1, config.features()).mul(2));

    List<Counterfactual> repairs = explain(new Explainer(flow, prior), row, numbers, count);

    assertThat(repairs).hasSizeLessThanOrEqualTo(Math.min(count, config.features()));
    assertThat(repairs).extracting(Counterfactual::feature).doesNotHaveDuplicates();
    NaiveFlow naive = new NaiveFlow(flow);
    double[] x = IntStream.range(0, row.length).mapToDouble(j -> row[j]).toArray();
    double before = logProb(naive, x, numbers, prior, context);
    for (Counterfactual repair : repairs) {
      x[repair.feature()] = repair.normal();
      double after = logProb(naive, x, numbers, prior, context);
      assertThat(repair.nats()).isPositive();
      assertThat(repair.nats())
          .isCloseTo(after - before, within(1e-3 * Math.max(1, Math.abs(before))));
      before = after;
    }
  }

  /** More rows than are computed at once, some without a density. */
  @Property(tries = 10)
  void aRowsExplanationIsTheSameBitsInAnyCompany(
      @ForAll(supplier = RandomFlows.class) RealNVPConfig config) {
    RealNVP flow = RandomFlows.flow(config);
    int features = config.features();
    int context = config.context();
    float[] x = Networks.floats(Networks.rows(5, 60, features).mul(2));
    x[7 * features] = Float.NaN;
    float[] numbers = Networks.floats(Networks.rows(6, 60, context));
    Explainer explainer = new Explainer(flow, new double[0]);

    List<List<Counterfactual>> all =
        explainer.explain(x, new Context.Values(numbers, context), 60, 3);

    assertThat(all).hasSize(60);
    assertThat(all.get(7)).isEmpty();
    for (int i : List.of(0, 6, 7, 8, 59)) {
      float[] row = Arrays.copyOfRange(x, i * features, (i + 1) * features);
      float[] given = Arrays.copyOfRange(numbers, i * context, (i + 1) * context);
      assertThat(explain(explainer, row, given, 3)).isEqualTo(all.get(i));
    }
  }

  private static double logProb(
      NaiveFlow naive, double[] x, float[] numbers, double[] prior, int context) {
    double[][] rows = {x};
    if (prior.length == 0 || context == 0) {
      double[] given = IntStream.range(0, numbers.length).mapToDouble(i -> numbers[i]).toArray();
      return naive.logProb(rows, new double[][] {given}, false)[0];
    }
    double[] terms = new double[context];
    for (int k = 0; k < context; k++) {
      double[] oneHot = new double[context];
      oneHot[k] = 1;
      terms[k] =
          Math.log(prior[k] / Arrays.stream(prior).sum())
              + naive.logProb(rows, new double[][] {oneHot}, false)[0];
    }
    double most = Arrays.stream(terms).max().orElseThrow();
    return most + Math.log(Arrays.stream(terms).map(term -> Math.exp(term - most)).sum());
  }

  @Test
  void aRowWithoutADensityHasNone() {
    float[] row = new float[FEATURES];
    Arrays.fill(row, 3.4e38f);
    assertThat(explain(explainer(gaussian()), row, NONE, 3)).isEmpty();
    row[0] = Float.NaN;
    assertThat(explain(explainer(gaussian()), row, NONE, 3)).isEmpty();
  }

  @Test
  void refusesARowOfAnotherSize() {
    assertThatThrownBy(() -> explain(explainer(gaussian()), new float[3], NONE, 1))
        .hasMessage("x: got 3 values, expected 1 rows of 36");
  }
}
