package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Learner;
import dev.realnvp.flow.column.Curve;
import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.layer.InvertibleLinear;
import dev.realnvp.flow.layer.Transform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.commons.math3.distribution.MultivariateNormalDistribution;
import org.apache.commons.math3.linear.MatrixUtils;
import org.junit.jupiter.api.Test;

/** What a flow of discrete features, atoms and numbers gives. */
class MixedFeaturesTest {

  /** A discrete feature, one with a zero and holes, a number, a copy of the first. */
  private static final List<FeatureKind> MIXED =
      List.of(
          MixedFlows.discrete(1, 0f, 1f, 2f),
          MixedFlows.atoms(true, false, 0f),
          FeatureKind.continuous(MixedFlows.SOFT, 0),
          MixedFlows.copy(0));

  private static double[] logProb(RealNVP flow, float[][] rows, Context context) {
    double[] logProb = new double[rows.length];
    FlowEngine.of(flow).logProb(flat(rows), context, logProb);
    return logProb;
  }

  private static float[] flat(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
    }
    return flat;
  }

  @Test
  void probabilitiesOfDiscreteFeaturesAddUpToOne() {
    List<FeatureKind> kinds =
        List.of(
            MixedFlows.discrete(1, 0f, 1f),
            MixedFlows.discrete(1, -1f, 3f, 4f),
            MixedFlows.discrete(1, 7f));
    float[][] rows = new float[2 * 3 * 4][];
    // 99 stands for all others.
    float[][] values = {{0, 1, 99}, {-1, 3, 4, 99}, {7, 99}};
    int at = 0;
    for (float a : values[0]) {
      for (float b : values[1]) {
        for (float c : values[2]) {
          rows[at++] = new float[] {a, b, c};
        }
      }
    }
    double[] logProb = logProb(MixedFlows.flow(kinds, 0), rows, Context.NONE);
    assertThat(Arrays.stream(logProb).map(Math::exp).sum()).isCloseTo(1, within(1e-5));
    assertThat(Arrays.stream(logProb).distinct().count()).isEqualTo(24);
  }

  @Test
  void withoutCouplingsItBeginsAsTheNormalDistributionWithTheCovariances() {
    double[][] covariances = {{4, 2.5, -1}, {2.5, 2, -0.5}, {-1, -0.5, 1.5}};
    FeatureKind number = FeatureKind.continuous(Curve.linear(0, 1), 0);
    RealNVP flow =
        RealNVP.create(
            RealNVPConfig.builder(3, 0, 4, List.of(8))
                .linear(LinearMap.LU)
                .batchNorm(false)
                .build(),
            List.of(number, number, number),
            new double[0],
            Optional.of(MatrixUtils.createRealMatrix(covariances)),
            new float[0][],
            new boolean[0],
            Configs.ADAM);
    flow.network()
        .paramTable()
        .forEach(
            (name, values) -> {
              if (!name.endsWith(InvertibleLinear.LU)) {
                values.assign(0);
              }
            });
    float[][] rows = {{0, 0, 0}, {1, 0, 0}, {2, 1, -1}, {-3, 1, 2}, {0.5f, -2, 0}};
    MultivariateNormalDistribution normal =
        new MultivariateNormalDistribution(new double[3], covariances);
    double[] logProb = logProb(flow, rows, Context.NONE);
    for (int i = 0; i < rows.length; i++) {
      double[] x = {rows[i][0], rows[i][1], rows[i][2]};
      double truth = Math.log(normal.density(x));
      assertThat(logProb[i]).isCloseTo(truth, within(1e-4));
    }
  }

  @Test
  void correlationsAreTakenOutBeforeTheFirstCouplingAlsoWhereEarlierFlowsWentOn() {
    FeatureKind number = FeatureKind.continuous(Curve.linear(0, 1), 0);
    RealNVPConfig config =
        RealNVPConfig.builder(3, 0, 2, List.of(8)).linear(LinearMap.LU).batchNorm(false).build();
    RealNVP flow =
        RealNVP.create(
            config,
            List.of(number, number, number),
            new double[0],
            Optional.empty(),
            new float[0][],
            new boolean[0],
            Configs.ADAM);
    List<Transform> layers = flow.layers();
    assertThat(layers.stream().map(Object::getClass).map(Class::getSimpleName))
        .containsExactly(
            "MixedFeatures",
            "InvertibleLinear",
            "AffineCoupling",
            "InvertibleLinear",
            "AffineCoupling",
            "InvertibleLinear");
    assertThat(RealNVP.continued(flow, config, null, Configs.ADAM).layers()).isEqualTo(layers);
    List<Transform> earlier = new ArrayList<>(layers);
    earlier.remove(1);
    RealNVP previous = RealNVP.of(earlier);
    assertThat(RealNVP.continued(previous, config, null, Configs.ADAM).layers()).isEqualTo(earlier);
  }

  @Test
  void densitiesIntegrateToOne() {
    FeatureKind number = FeatureKind.continuous(MixedFlows.SOFT, 0);
    RealNVP flow = MixedFlows.flow(List.of(MixedFlows.discrete(1, 0f), number, number), 0);
    int points = 700;
    double[] x = new double[points];
    double[] widths = new double[points];
    for (int i = 0; i < points; i++) {
      // Equally far in the logarithm, over what has any density to speak of.
      double u = -26 + 52.0 * i / (points - 1);
      x[i] = 1 + 2 * Math.sinh(u);
      widths[i] = 2 * Math.cosh(u) * 52.0 / (points - 1);
    }
    double sum = 0;
    float[][] rows = new float[2 * points][];
    for (int i = 0; i < points; i++) {
      for (int j = 0; j < rows.length; j++) {
        rows[j] = new float[] {j / points, (float) x[i], (float) x[j % points]};
      }
      double[] logProb = logProb(flow, rows, Context.NONE);
      for (int j = 0; j < rows.length; j++) {
        sum += Math.exp(logProb[j]) * widths[i] * widths[j % points];
      }
    }
    assertThat(sum).isCloseTo(1, within(0.02));
  }

  @Test
  void gradientsAreThoseOfDifferences() {
    RealNVP flow = MixedFlows.flow(MIXED, 2);
    float[][] rows = rows();
    Context context = new Context.Classes(new int[] {0, 1, 1, 0, 1, 0}, 2);
    float[] gradients = flat(rows);
    FlowEngine.of(flow).gradients(gradients, context, rows.length);
    float step = 1 / 512f;
    float[][] up = Arrays.stream(rows).map(float[]::clone).toArray(float[][]::new);
    float[][] down = Arrays.stream(rows).map(float[]::clone).toArray(float[][]::new);
    for (int j : new int[] {1, 2}) {
      for (int i = 0; i < rows.length; i++) {
        up[i][j] = rows[i][j] + step;
        down[i][j] = rows[i][j] - step;
      }
      double[] above = logProb(flow, up, context);
      double[] below = logProb(flow, down, context);
      for (int i = 0; i < rows.length; i++) {
        boolean number = j == 2 || rows[i][j] != 0 && !Float.isNaN(rows[i][j]);
        double expected = number ? (above[i] - below[i]) / (2 * step) : 0;
        assertThat((double) gradients[i * 4 + j]).isCloseTo(expected, within(2e-2));
        up[i][j] = rows[i][j];
        down[i][j] = rows[i][j];
      }
    }
  }

  private static float[][] rows() {
    return new float[][] {
      {0, 0, 0.5f, 0},
      {1, 2.5f, -3, 1},
      {2, Float.NaN, 20, 2},
      {9, -0.7f, 1.2f, 9},
      {1, 0, 1.1f, 0},
      {2, 40, -0.1f, 2}
    };
  }

  @Test
  void parametersLearnTheGradientOfTheLoss() {
    RealNVP flow = MixedFlows.untrained(MIXED.subList(0, 1), 2);
    Learner learner = Learner.of(flow.network()).orElseThrow();
    float[] parameters = flow.network().params().toFloatVector();
    // Frequencies are learnt: of 0, 1, 2 and others under each class.
    double[][] shares = {{0.7, 0.1, 0.15, 0.05}, {0.05, 0.5, 0.05, 0.4}};
    Random random = new Random(3);
    learner.load(parameters, new float[2 * parameters.length], 0, 0);
    for (int step = 0; step < 3000; step++) {
      Batch batch = learner.batch().rows(200);
      int[] labels = batch.classes(2);
      float[] x = batch.inputs().ensureCapacity(200);
      for (int i = 0; i < 200; i++) {
        labels[i] = i % 2;
        double u = random.nextDouble();
        int level = 0;
        while (level < 3 && u >= shares[labels[i]][level]) {
          u -= shares[labels[i]][level++];
        }
        x[i] = level;
      }
      learner.fit();
    }
    learner.store(parameters, new float[2 * parameters.length]);
    flow.network().setParams(org.nd4j.linalg.factory.Nd4j.createFromArray(parameters));
    for (int k = 0; k < 2; k++) {
      double[] learnt =
          logProb(
              flow,
              new float[][] {{0}, {1}, {2}, {3}},
              new Context.Classes(new int[] {k, k, k, k}, 2));
      for (int level = 0; level < 4; level++) {
        assertThat(Math.exp(learnt[level])).isCloseTo(shares[k][level], within(0.04));
      }
    }
  }

  @Test
  void latentsLeadBack() {
    RealNVP flow = MixedFlows.flow(MIXED, 0);
    FlowEngine engine = FlowEngine.batchInvariant(flow);
    assertThat(engine.latents()).isEqualTo(5);
    float[] x = flat(rows());
    float[] z = engine.toLatent(x, Context.NONE, 6);
    double[] logProb = new double[6];
    float[] back = engine.fromLatent(z, Context.NONE, logProb);
    // Of other values there are none to go back to.
    x[3 * 4] = Float.NaN;
    x[3 * 4 + 3] = Float.NaN;
    x[4 * 4 + 3] = Float.NaN;
    assertThat(back).containsExactly(x, within(1e-3f));
  }

  @Test
  void samplesHaveTheProbabilitiesOfTheModel() {
    List<FeatureKind> kinds =
        List.of(
            MixedFlows.discrete(1, 0f, 1f),
            MixedFlows.discrete(1, 3f, 4f),
            MixedFlows.discrete(1, 5f));
    RealNVP flow = MixedFlows.flow(kinds, 0);
    FlowEngine engine = FlowEngine.of(flow);
    int count = 40_000;
    long[] indices = new long[count];
    Arrays.setAll(indices, i -> i);
    float[] x =
        engine.fromLatent(
            RowNoise.draw(1, null, indices, engine.latents()), Context.NONE, new double[count]);
    List<float[]> cells = new ArrayList<>();
    for (float a : new float[] {0, 1}) {
      for (float b : new float[] {3, 4}) {
        cells.add(new float[] {a, b, 5});
      }
    }
    double[] logProb = logProb(flow, cells.toArray(float[][]::new), Context.NONE);
    for (int k = 0; k < cells.size(); k++) {
      int found = 0;
      for (int i = 0; i < count; i++) {
        found += Arrays.equals(Arrays.copyOfRange(x, 3 * i, 3 * i + 3), cells.get(k)) ? 1 : 0;
      }
      double p = Math.exp(logProb[k]);
      assertThat(found / (double) count).isCloseTo(p, within(5 * Math.sqrt(p / count)));
    }
  }
}
