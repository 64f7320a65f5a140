package dev.realnvp.engine.arrays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ElementwiseTest {

  private static float[] grid(double limit) {
    float[] grid = new float[200_001];
    for (int i = 0; i < grid.length; i++) {
      grid[i] = (float) (limit * (i - 100_000) / 100_000.0);
    }
    return grid;
  }

  @Test
  void tanhIsRightToFourRoundings() {
    float[] x = grid(20);
    float[] y = new float[x.length];
    Elementwise.tanh(x, 0.5f, y, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      double expected = Math.tanh(0.5 * x[i]);
      assertThat(Math.abs(y[i] - expected)).isLessThanOrEqualTo(4e-7 * Math.abs(expected));
    }
  }

  @Test
  void expOfNegativeIsRightToTwoRoundings() {
    float[] x = grid(79);
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = -Math.abs(x[i]);
    }
    Elementwise.expOfNegative(y, new float[y.length], y.length);
    for (int i = 0; i < x.length; i++) {
      double expected = Math.exp(-Math.abs((double) x[i]));
      assertThat(Math.abs(y[i] - expected)).isLessThanOrEqualTo(2.5e-7 * expected);
    }
    float[] limits = {0, -1000, Float.NEGATIVE_INFINITY, Float.NaN};
    Elementwise.expOfNegative(limits, new float[limits.length], limits.length);
    float least = (float) Math.exp(-80);
    assertThat(limits)
        .usingComparatorWithPrecision(1e-7f * least)
        .containsExactly(1, least, least, Float.NaN);
  }

  @Test
  void softmaxSharesOutOneOfEachElement() {
    float[][] given = {{1, -3, 700, 5}, {2, -3, -700, 6}, {-1, -3, 0, 7}};
    float[][] x = Arrays.stream(given).map(float[]::clone).toArray(float[][]::new);
    Elementwise.softmax(x, 3);
    for (int i = 0; i < 3; i++) {
      double[] logits = {given[0][i], given[1][i], given[2][i]};
      double most = Arrays.stream(logits).max().orElseThrow();
      double sum = Arrays.stream(logits).map(logit -> Math.exp(logit - most)).sum();
      for (int k = 0; k < 3; k++) {
        assertThat((double) x[k][i]).isCloseTo(Math.exp(logits[k] - most) / sum, within(1e-6));
      }
    }
    assertThat(new float[] {x[0][3], x[1][3], x[2][3]}).containsExactly(5, 6, 7);
  }

  @Test
  void tanhKeepsItsLimits() {
    float[] x = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, 0, -1e30f};
    float[] y = new float[x.length];
    Elementwise.tanh(x, 1, y, 0, x.length);
    assertThat(y).containsExactly(1, -1, Float.NaN, 0, -1);
  }

  @Test
  void sigmoidIsRightToTwoTenMillionths() {
    float[] x = grid(40);
    float[] y = new float[x.length];
    Elementwise.sigmoid(x, y, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      double expected = 1 / (1 + Math.exp(-(double) x[i]));
      assertThat(Math.abs(y[i] - expected)).isLessThanOrEqualTo(2e-7);
    }
  }

  @Test
  void expOfUnitIsRightToFourRoundings() {
    float[] x = grid(1);
    float[] y = new float[x.length];
    for (float sign : new float[] {1, -1}) {
      Elementwise.expOfUnit(x, sign, y, 0, x.length);
      for (int i = 0; i < x.length; i++) {
        double expected = Math.exp(sign * x[i]);
        assertThat(Math.abs(y[i] - expected)).isLessThanOrEqualTo(4e-7 * expected);
      }
    }
  }

  @Test
  void reluAndItsGradientLeaveWhatIsOutside() {
    float[] x = {-1, -2, 3, 0, Float.NaN, 1e-30f, -5};
    Elementwise.relu(x, 1, 6);
    assertThat(x).containsExactly(-1, 0, 3, 0, Float.NaN, 1e-30f, -5);
    float[] dx = {1, 2, 3, 4, 5, 6, 7};
    Elementwise.reluGradient(x, dx, 1, 6);
    assertThat(dx).containsExactly(1, 0, 3, 0, Float.NaN, 6, 7);
  }
}
