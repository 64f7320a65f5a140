package dev.realnvp.flow.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.Networks;
import dev.realnvp.flow.RealNVP;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class FlowOutputLayerTest {

  private static final double TOLERANCE = 1e-6;

  // -log N(row; 0, I) in two dimensions, by hand.
  private static final double FIRST = (9 + 16) / 2.0 + Math.log(2 * Math.PI);
  private static final double SECOND = 0.5 + Math.log(2 * Math.PI);

  private final MultiLayerNetwork identity = Networks.of(Permutation.identity(2, 1));
  private final DataSet batch =
      RealNVP.trainingBatch(
          Nd4j.createFromArray(new float[][] {{3, 4}, {1, 0}}),
          Nd4j.createFromArray(new float[][] {{5}, {6}}));

  @Test
  void scoreIsTheMeanNegativeLogLikelihood() {
    assertThat(identity.score(batch, false)).isCloseTo((FIRST + SECOND) / 2, within(TOLERANCE));
  }

  @Test
  void scoresOfExamplesAreTheirNegativeLogLikelihoods() {
    assertThat(identity.scoreExamples(batch, true).toDoubleVector())
        .containsExactly(new double[] {FIRST, SECOND}, within(TOLERANCE));
  }

  @Test
  void outputIsTheLogLikelihood() {
    INDArray output = identity.output(batch.getFeatures());
    assertThat(output.shape()).containsExactly(2, 1);
    assertThat(output.toDoubleVector())
        .containsExactly(new double[] {-FIRST, -SECOND}, within(TOLERANCE));
  }

  @Test
  void logDeterminantOfTheRowIsAdded() {
    DataSet shifted = batch.copy();
    shifted.getFeatures().getColumn(3).addi(2);
    assertThat(identity.score(shifted, false))
        .isCloseTo((FIRST + SECOND) / 2 - 2, within(TOLERANCE));
  }

  @Test
  void rowsOfAnotherWidthAreRefused() {
    INDArray wide = Nd4j.zeros(2, 5);
    assertThatThrownBy(() -> identity.output(wide))
        .hasMessageContaining("[2, 5]")
        .hasMessageContaining("[N, 4]");
    assertThatThrownBy(() -> RealNVP.trainingBatch(wide, Nd4j.zeros(3, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("context: got 3 rows, expected 2, one for each row of x");
  }
}
