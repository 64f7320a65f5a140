package dev.realnvp.flow.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.Networks;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A batch norm under DL4J, by hand. */
class LinearBatchNormTest {

  private static final double TOLERANCE = 1e-5;
  private static final double[][] ROWS = {{1, -4}, {2, 0}, {6, 1}};
  // By hand: means 3 and -1; sums of squares 14 and 14, over N - 1 = 2.
  private static final double[] MEAN = {3, -1};
  private static final double VARIANCE = 7;

  private static MultiLayerNetwork network() {
    MultiLayerNetwork network = Networks.of(new LinearBatchNorm(2, 0));
    set(network, "0_logGamma", 0.5, -0.25);
    set(network, "0_beta", 2, 3);
    set(network, "0_mean", 10, 20);
    set(network, "0_var", 4, 9);
    return network;
  }

  private static void set(MultiLayerNetwork network, String name, double... values) {
    network.setParam(name, Nd4j.createFromArray(values));
  }

  private static DataSet batch(double[]... rows) {
    return FlowOutputLayer.batch(Nd4j.createFromArray(rows).castTo(DataType.FLOAT), null);
  }

  @Test
  void trainingNormalizesByTheBatch() {
    double logDet = 0.5 - 0.25 - Math.log(VARIANCE + 1e-5);
    double sum = 0;
    for (double[] row : ROWS) {
      double z0 = (row[0] - MEAN[0]) / Math.sqrt(VARIANCE + 1e-5) * Math.exp(0.5) + 2;
      double z1 = (row[1] - MEAN[1]) / Math.sqrt(VARIANCE + 1e-5) * Math.exp(-0.25) + 3;
      sum += (z0 * z0 + z1 * z1) / 2 + Math.log(2 * Math.PI) - logDet;
    }
    assertThat(network().score(batch(ROWS), true)).isCloseTo(sum / 3, within(TOLERANCE));
  }

  @Test
  void inferenceNormalizesByTheRunningStatistics() {
    double logDet = 0.25 - (Math.log(4 + 1e-5) + Math.log(9 + 1e-5)) / 2;
    double sum = 0;
    for (double[] row : ROWS) {
      double z0 = (row[0] - 10) / Math.sqrt(4 + 1e-5) * Math.exp(0.5) + 2;
      double z1 = (row[1] - 20) / Math.sqrt(9 + 1e-5) * Math.exp(-0.25) + 3;
      sum += (z0 * z0 + z1 * z1) / 2 + Math.log(2 * Math.PI) - logDet;
    }
    assertThat(network().score(batch(ROWS), false)).isCloseTo(sum / 3, within(TOLERANCE));
  }

  @Test
  void aStepMovesTheRunningStatisticsByATenth() {
    MultiLayerNetwork network = network();
    network.fit(batch(ROWS));
    assertParam(network, "0_mean", 0.9 * 10 + 0.1 * 3, 0.9 * 20 - 0.1);
    assertParam(network, "0_var", 0.9 * 4 + 0.7, 0.9 * 9 + 0.7);
  }

  @Test
  void aBatchOfOneUsesAndKeepsTheRunningStatistics() {
    MultiLayerNetwork network = network();
    DataSet one = batch(ROWS[2]);
    assertThat(network.score(one, true)).isEqualTo(network.score(one, false)).isFinite();
    network.fit(one);
    assertParam(network, "0_mean", 10, 20);
    assertParam(network, "0_var", 4, 9);
  }

  private static void assertParam(MultiLayerNetwork network, String name, double... expected) {
    INDArray actual = network.paramTable().get(name);
    assertThat(actual.toDoubleVector()).containsExactly(expected, within(TOLERANCE));
  }
}
