package dev.realnvp.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class BinaryCrossEntropyTest {

  private static final BinaryCrossEntropy LOSS = new BinaryCrossEntropy();
  private static final ActivationSigmoid SIGMOID = new ActivationSigmoid();
  private static final double[][] LOGITS = {{-2, 0.5, 3}, {0, -0.25, 1}};
  private static final double[][] TARGETS = {{0.1, 1, 0.8}, {0, 0.5, 1}};

  @Test
  void isTheMeanOverPixelsOfTheTextbooksFormula() {
    INDArray scores =
        LOSS.computeScoreArray(
            Nd4j.createFromArray(TARGETS), Nd4j.createFromArray(LOGITS), SIGMOID, null);
    double sum = 0;
    for (int n = 0; n < 2; n++) {
      double mean = 0;
      for (int i = 0; i < 3; i++) {
        double p = 1 / (1 + Math.exp(-LOGITS[n][i]));
        double y = TARGETS[n][i];
        mean -= (y * Math.log(p) + (1 - y) * Math.log(1 - p)) / 3;
      }
      assertThat(scores.getDouble(n, 0)).isCloseTo(mean, within(1e-6));
      sum += mean;
    }
    assertThat(score(TARGETS, LOGITS, false)).isCloseTo(sum, within(1e-6));
    assertThat(score(TARGETS, LOGITS, true)).isCloseTo(sum / 2, within(1e-6));
  }

  @Test
  void theGradientIsThatOfTheSummedScore() {
    INDArray gradient =
        LOSS.computeGradient(
            Nd4j.createFromArray(TARGETS), Nd4j.createFromArray(LOGITS), SIGMOID, null);
    for (int n = 0; n < 2; n++) {
      for (int i = 0; i < 3; i++) {
        double slope = (1 / (1 + Math.exp(-LOGITS[n][i])) - TARGETS[n][i]) / 3;
        assertThat(gradient.getDouble(n, i)).isCloseTo(slope, within(1e-6));
      }
    }
  }

  /** The loss of a sure and wrong logit is the logit, that of a sure and right one nothing. */
  @Test
  void farLogitsNeitherOverflowNorVanish() {
    INDArray logits = Nd4j.createFromArray(new float[][] {{500, -500, 500, -500}});
    INDArray targets = Nd4j.createFromArray(new float[][] {{0, 1, 1, 0}});
    assertThat(LOSS.computeScore(targets, logits, SIGMOID, null, false)).isEqualTo(250);
    assertThat(LOSS.computeGradient(targets, logits, SIGMOID, null).toFloatVector())
        .containsExactly(0.25f, -0.25f, 0, 0);
  }

  @Test
  void leavesItsArgumentsAlone() {
    INDArray logits = Nd4j.createFromArray(LOGITS);
    INDArray targets = Nd4j.createFromArray(TARGETS);
    LOSS.computeGradientAndScore(targets, logits, SIGMOID, null, true);
    assertThat(logits).isEqualTo(Nd4j.createFromArray(LOGITS));
    assertThat(targets).isEqualTo(Nd4j.createFromArray(TARGETS));
  }

  @Test
  void refusesOtherShapesActivationsAndMasks() {
    INDArray x = Nd4j.createFromArray(LOGITS);
    assertThatThrownBy(() -> LOSS.computeScore(Nd4j.ones(2, 4), x, SIGMOID, null, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got shape [2, 4], expected [2, 3]");
    assertThatThrownBy(() -> LOSS.computeScore(x, x, new ActivationIdentity(), null, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got identity, expected sigmoid");
    assertThatThrownBy(() -> LOSS.computeGradient(x, x, SIGMOID, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mask");
  }

  private static double score(double[][] targets, double[][] logits, boolean average) {
    return LOSS.computeScore(
        Nd4j.createFromArray(targets), Nd4j.createFromArray(logits), SIGMOID, null, average);
  }
}
