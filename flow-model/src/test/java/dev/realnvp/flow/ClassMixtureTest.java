package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ClassMixtureTest {

  private static final INDArray X =
      Nd4j.createFromArray(new float[][] {{0.1f, -0.4f, 2f}, {1f, 0f, -3f}, {2f, 0.3f, -0.4f}});

  private static float[] floats(INDArray rows) {
    return rows.dup('c').data().asFloat();
  }

  private static RealNVP flow(int classes) {
    return RealNVP.create(
        RealNVPConfig.builder(3, classes, 2, List.of(8)).seed(5).build(),
        new Optimizer(1e-3, Schedule.CONSTANT, 1, 0));
  }

  @Test
  void sumsTheClassesOutAndTurnsThemRound() {
    RealNVP flow = flow(3);
    double[] prior = {0.2, 0.3, 0.5};
    ClassMixture.Scores scores =
        new ClassMixture(flow, new double[] {2, 3, 5}).score(floats(X), Context.NONE, 3);
    for (int i = 0; i < 3; i++) {
      double[] joint = new double[3];
      double total = 0;
      for (int k = 0; k < 3; k++) {
        INDArray row = X.getRow(i, true);
        double logProb =
            Networks.logProb(flow, row, new Context.Classes(new int[] {k}, 3).array(1, r -> r))[0];
        assertThat(scores.conditional()[i][k]).isCloseTo(logProb, within(1e-3));
        joint[k] = prior[k] * Math.exp(logProb - scores.conditional()[i][0]);
        total += joint[k];
      }
      double marginal = scores.conditional()[i][0] + Math.log(total);
      assertThat(scores.marginal()[i]).isCloseTo(marginal, within(1e-3));
      for (int k = 0; k < 3; k++) {
        assertThat(scores.posterior()[i][k]).isCloseTo(joint[k] / total, within(1e-3));
      }
    }
  }

  @Test
  void aTemperatureChangesThePosteriorAlone() {
    double[] prior = {2, 3, 5};
    ClassMixture.Scores plain =
        ClassMixture.batchInvariant(flow(3), prior).score(floats(X), Context.NONE, 3);
    ClassMixture.Scores tempered =
        ClassMixture.batchInvariant(flow(3), prior, 2).score(floats(X), Context.NONE, 3);
    assertThat(tempered.marginal()).isEqualTo(plain.marginal());
    assertThat(tempered.conditional()).isDeepEqualTo(plain.conditional());
    for (int i = 0; i < 3; i++) {
      double[] roots = java.util.Arrays.stream(plain.posterior()[i]).map(Math::sqrt).toArray();
      double total = java.util.Arrays.stream(roots).sum();
      for (int k = 0; k < 3; k++) {
        assertThat(tempered.posterior()[i][k]).isCloseTo(roots[k] / total, within(1e-12));
      }
      assertThat(tempered.mostLikelyClass(i)).isEqualTo(plain.mostLikelyClass(i));
    }
  }

  @Test
  void staysFiniteWhereEveryDensityUnderflows() {
    INDArray far = Nd4j.createFromArray(new float[][] {{200f, 300f, -400f}});
    ClassMixture.Scores scores =
        new ClassMixture(flow(3), new double[] {1, 1, 1}).score(floats(far), Context.NONE, 1);
    assertThat(scores.marginal()[0]).isFinite().isLessThan(-1000);
    assertThat(java.util.Arrays.stream(scores.posterior()[0]).sum()).isCloseTo(1, within(1e-9));
  }

  @Test
  void aClassWithoutWeightIsNeverTheLikeliest() {
    ClassMixture.Scores scores =
        new ClassMixture(flow(2), new double[] {0, 1}).score(floats(X), Context.NONE, 3);
    for (int i = 0; i < 3; i++) {
      assertThat(scores.mostLikelyClass(i)).isEqualTo(1);
      assertThat(scores.posterior()[i]).containsExactly(0, 1);
      assertThat(scores.marginal()[i]).isEqualTo(scores.conditional()[i][1]);
    }
  }

  @Test
  void anUnconditionalFlowIsOneClass() {
    RealNVP flow = flow(0);
    ClassMixture.Scores scores =
        new ClassMixture(flow, new double[] {1}).score(floats(X), Context.NONE, 3);
    assertThat(scores.marginal()).containsExactly(Networks.logProb(flow, X, null), within(1e-4));
  }

  @Test
  void aFlowGivenNumbersIsOneClass() {
    RealNVP flow = flow(2);
    INDArray numbers = Networks.rows(4, 3, 2);
    ClassMixture mixture = new ClassMixture(flow, new double[0]);
    ClassMixture.Scores scores = mixture.score(floats(X), Networks.context(numbers), 3);
    assertThat(scores.marginal()).containsExactly(Networks.logProb(flow, X, numbers), within(1e-4));
    float[] z = mixture.toLatent(floats(X), Networks.context(numbers), scores);
    z = FlowEngine.of(flow).fromLatent(z, Networks.context(numbers), new double[3]);
    assertThat(z).containsExactly(floats(X), within(1e-4f));
  }

  @Test
  void theBaseIsThatOfTheLikeliestClass() {
    RealNVP flow = flow(2);
    ClassMixture mixture = new ClassMixture(flow, new double[] {0, 1});
    float[] z =
        mixture.toLatent(floats(X), Context.NONE, mixture.score(floats(X), Context.NONE, 3));
    float[] expected = floats(X);
    expected =
        FlowEngine.of(flow).toLatent(expected, new Context.Classes(new int[] {1, 1, 1}, 2), 3);
    assertThat(z).isEqualTo(expected);
  }

  @Test
  void refusesOtherWeights() {
    assertThatThrownBy(() -> new ClassMixture(flow(3), new double[] {1, 1}))
        .hasMessageContaining("2 class weights")
        .hasMessageContaining("3 classes");
    assertThatThrownBy(() -> new ClassMixture(flow(2), new double[] {0, 0}))
        .hasMessageContaining("not all 0");
    assertThatThrownBy(() -> new ClassMixture(flow(2), new double[] {2, -1}))
        .hasMessageContaining("not negative");
    assertThatThrownBy(() -> new Context.Classes(new int[] {0, 2}, 2).array(2, i -> i))
        .hasMessageContaining("Label 2 of row 1");
  }
}
