package dev.realnvp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.layer.Standardization;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Values of single stages by their formulas, in double, where neither a golden file nor NaiveFlow
 * has them.
 */
class StageValuesTest {

  private static final double TOLERANCE = 1e-6;

  private static StageCase find(String name) {
    return StageCases.all().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  private static Batch forward(StageCase given, Bound bound, boolean training) {
    Batch batch = given.batch(given.x(), false);
    bound.stage().forward(batch, training);
    return batch;
  }

  private static void assertValues(Batch batch, double[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) batch.values().array()[i]).isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  private static void assertLogDet(StageCase given, Batch batch, double expected) {
    for (int i = 0; i < given.rows(); i++) {
      assertThat(batch.logDet()[i]).isCloseTo(expected, within(TOLERANCE));
    }
  }

  @Test
  void standardizationAddsNoiseInTrainingThatTheThreadsGeneratorDecides() {
    double noise = 0.5;
    List<Double> ofFeatures = List.of(noise, noise, noise, noise, 0.0);
    StageCase given =
        StageCase.flow("noise", new Standardization(5, 0, ofFeatures)).withRows(4_000);
    Bound bound = given.bound();
    float[] plain = forward(given, bound, false).values().array().clone();
    Nd4j.getRandom().setSeed(3);
    float[] first = forward(given, bound, true).values().array().clone();
    float[] second = forward(given, bound, true).values().array().clone();
    Nd4j.getRandom().setSeed(3);
    assertThat(forward(given, bound, true).values().array()).isEqualTo(first);
    assertThat(forward(given, bound, false).values().array()).isEqualTo(plain);
    double[] moments = new double[3];
    int size = given.rows() * 4;
    assertThat(Arrays.copyOfRange(first, size, size + given.rows()))
        .as("the last feature has none")
        .isEqualTo(Arrays.copyOfRange(plain, size, size + given.rows()));
    for (int i = 0; i < size; i++) {
      double e = (first[i] - plain[i]) / noise;
      moments[0] += e / size;
      moments[1] += e * e / size;
      moments[2] += e * (second[i] - plain[i]) / noise / size;
    }
    // Five standard errors of 16,000 independent values, of their squares and of their products.
    assertThat(moments[0]).isCloseTo(0, within(5 / Math.sqrt(size)));
    assertThat(moments[1]).isCloseTo(1, within(5 * Math.sqrt(2.0 / size)));
    assertThat(moments[2]).isCloseTo(0, within(5 / Math.sqrt(size)));
  }

  @Test
  void batchNormInTrainingNormalizesByTheBatchAndMovesItsStatisticsByATenth() {
    StageCase given = find("batch norm");
    Bound bound = given.bound();
    Batch batch = forward(given, bound, true);

    int features = given.inputs();
    float[] parameters = given.parameters();
    double[] expected = new double[given.rows() * features];
    double[] moved = new double[2 * features];
    double logDet = 0;
    for (int j = 0; j < features; j++) {
      double[] x = column(given, j);
      double mean = Arrays.stream(x).sum() / x.length;
      double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum() / (x.length - 1);
      double scale = Math.exp(parameters[j]) / Math.sqrt(variance + 1e-5);
      for (int i = 0; i < x.length; i++) {
        expected[j * x.length + i] = (x[i] - mean) * scale + parameters[features + j];
      }
      logDet += Math.log(scale);
      moved[j] = 0.9 * parameters[2 * features + j] + 0.1 * mean;
      moved[features + j] = 0.9 * parameters[3 * features + j] + 0.1 * variance;
    }
    assertValues(batch, expected);
    assertLogDet(given, batch, logDet);
    for (int i = 0; i < moved.length; i++) {
      assertThat((double) bound.values()[2 * features + i]).isCloseTo(moved[i], within(1e-7));
    }
  }

  /** One row has no variance, and moves no statistics. */
  @Test
  void batchNormNormalizesOneRowByItsStatistics() {
    StageCase one = find("batch norm").withRows(1);
    Bound bound = one.bound();
    Batch training = forward(one, bound, true);
    Batch inference = forward(one, one.bound(), false);
    assertThat(training.values().array()).isEqualTo(inference.values().array());
    assertThat(training.logDet()).isEqualTo(inference.logDet());
    assertThat(bound.values()).isEqualTo(one.bound().values());
  }

  private static double[] column(StageCase given, int j) {
    double[] column = new double[given.rows()];
    for (int i = 0; i < column.length; i++) {
      column[i] = given.x()[j * column.length + i];
    }
    return column;
  }

  @Test
  void softmaxIsOfTheProductsAndItsLossTheCrossEntropy() {
    StageCase given = find("softmax");
    Batch batch = given.batch(given.x(), false);
    float[] targets = batch.context().array().clone();
    given.bound().stage().forward(batch, false);
    int classes = given.context();
    float[] parameters = given.parameters();
    for (int i = 0; i < given.rows(); i++) {
      double[] e = new double[classes];
      for (int k = 0; k < classes; k++) {
        double logit = parameters[given.inputs() * classes + k];
        for (int j = 0; j < given.inputs(); j++) {
          // DL4J's weights are [in, out], column by column.
          logit += given.x()[i * given.inputs() + j] * parameters[k * given.inputs() + j];
        }
        e[k] = Math.exp(logit);
      }
      double sum = Arrays.stream(e).sum();
      double loss = 0;
      for (int k = 0; k < classes; k++) {
        assertThat((double) batch.values().array()[i * classes + k])
            .isCloseTo(e[k] / sum, within(TOLERANCE));
        loss -= targets[k * given.rows() + i] * Math.log(e[k] / sum);
      }
      assertThat(batch.losses()[i]).isCloseTo(loss, within(TOLERANCE));
    }
  }

  /** Far logits neither overflow nor vanish. */
  @Test
  void softmaxOfFarLogitsIsSure() {
    StageCase given = find("softmax").withRows(1);
    float[] parameters = new float[given.parameters().length];
    parameters[given.inputs() * given.context()] = 1000;
    Batch batch = given.batch(given.x(), false);
    float[] target = {0, 1, 0};
    System.arraycopy(target, 0, batch.context().array(), 0, 3);
    given.bound(parameters).stage().forward(batch, false);
    assertThat(batch.values().array()).startsWith(1, 0, 0);
    assertThat(batch.losses()[0]).isEqualTo(1000);
  }
}
