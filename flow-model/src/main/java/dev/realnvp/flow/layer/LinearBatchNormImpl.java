package dev.realnvp.flow.layer;

import static dev.realnvp.flow.layer.LinearBatchNorm.BETA;
import static dev.realnvp.flow.layer.LinearBatchNorm.EPSILON;
import static dev.realnvp.flow.layer.LinearBatchNorm.LOG_GAMMA;
import static dev.realnvp.flow.layer.LinearBatchNorm.MEAN;
import static dev.realnvp.flow.layer.LinearBatchNorm.MOMENTUM;
import static dev.realnvp.flow.layer.LinearBatchNorm.VARIANCE;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;

/** {@link LinearBatchNorm}'s mathematics, for a feature j and over rows i. */
final class LinearBatchNormImpl extends FlowLayerImpl<LinearBatchNorm> {

  LinearBatchNormImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  /** {@code mean_j} and {@code var_j}, and whether they come from the batch. */
  private record Statistics(double[] mean, double[] variance, boolean ofBatch) {}

  private Statistics running() {
    return new Statistics(values(MEAN), values(VARIANCE), false);
  }

  private static Statistics batch(double[][] x) {
    double[] mean = new double[x.length];
    double[] variance = new double[x.length];
    for (int j = 0; j < x.length; j++) {
      int count = x[j].length;
      double sum = 0;
      for (double value : x[j]) {
        sum += value;
      }
      mean[j] = sum / count;
      double squares = 0;
      for (double value : x[j]) {
        squares += (value - mean[j]) * (value - mean[j]);
      }
      variance[j] = squares / (count - 1);
    }
    return new Statistics(mean, variance, true);
  }

  @Override
  Pass pass(double[][] x, double[][] context, boolean training) {
    Statistics statistics = training && x[0].length > 1 ? batch(x) : running();
    double[] logGamma = values(LOG_GAMMA);
    double[] beta = values(BETA);
    double[][] normal = new double[x.length][x[0].length];
    double[][] z = new double[x.length][x[0].length];
    for (int j = 0; j < x.length; j++) {
      double mean = statistics.mean[j];
      double rate = 1 / Math.sqrt(statistics.variance[j] + EPSILON);
      double gamma = Math.exp(logGamma[j]);
      for (int i = 0; i < z[j].length; i++) {
        normal[j][i] = (x[j][i] - mean) * rate;
        z[j][i] = normal[j][i] * gamma + beta[j];
      }
    }
    double logDet = logDet(logGamma, statistics.variance);
    return new Pass(
        z,
        repeat(logDet, x[0].length),
        (dz, dLogDet) -> backward(statistics, normal, dz, DoubleStream.of(dLogDet).sum()));
  }

  /**
   * With n = (x - mean) rate, dn the gradient there, sums over the N rows, and S the sum of
   * dLoss/dlogDet, each of which is -log(var + eps) / 2 in the variance:
   *
   * <pre>
   * dx = rate (dn - sum(dn) / N - n (sum(dn n) + S) / (N - 1))
   * </pre>
   *
   * <p>and {@code dx = rate dn} where mean and variance are constants.
   */
  private Pass.Gradients backward(
      Statistics statistics, double[][] normal, double[][] dz, double dLogDet) {
    double[] gamma = DoubleStream.of(values(LOG_GAMMA)).map(Math::exp).toArray();
    double[] dLogGamma = new double[dz.length];
    double[] dBeta = new double[dz.length];
    double[][] dx = new double[dz.length][dz[0].length];
    for (int j = 0; j < dz.length; j++) {
      int count = dz[j].length;
      double along = 0;
      for (int i = 0; i < count; i++) {
        dBeta[j] += dz[j][i];
        along += gamma[j] * dz[j][i] * normal[j][i];
      }
      dLogGamma[j] = along + dLogDet;
      double rate = 1 / Math.sqrt(statistics.variance[j] + EPSILON);
      double shift = statistics.ofBatch ? gamma[j] * dBeta[j] / count : 0;
      double slope = statistics.ofBatch ? (along + dLogDet) / (count - 1) : 0;
      for (int i = 0; i < count; i++) {
        dx[j][i] = rate * (gamma[j] * dz[j][i] - shift - slope * normal[j][i]);
      }
    }
    setGradient(LOG_GAMMA, dLogGamma);
    setGradient(BETA, dBeta);
    moveRunning(statistics);
    return Pass.Gradients.of(dx);
  }

  /** The updater subtracts these "gradients" as they are: {@code 0.1 (running - batch)}. */
  private void moveRunning(Statistics statistics) {
    Statistics running = running();
    double[] mean = new double[running.mean.length];
    double[] variance = new double[running.mean.length];
    for (int j = 0; j < mean.length; j++) {
      mean[j] = (1 - MOMENTUM) * (running.mean[j] - statistics.mean[j]);
      variance[j] = (1 - MOMENTUM) * (running.variance[j] - statistics.variance[j]);
    }
    setGradient(MEAN, mean);
    setGradient(VARIANCE, variance);
  }

  @Override
  Pass.Inverse invert(double[][] z, double[][] context) {
    Statistics statistics = running();
    double[] logGamma = values(LOG_GAMMA);
    double[] beta = values(BETA);
    double[][] x = new double[z.length][z[0].length];
    for (int j = 0; j < z.length; j++) {
      double scale = Math.sqrt(statistics.variance[j] + EPSILON) * Math.exp(-logGamma[j]);
      for (int i = 0; i < z[j].length; i++) {
        x[j][i] = (z[j][i] - beta[j]) * scale + statistics.mean[j];
      }
    }
    return new Pass.Inverse(x, repeat(-logDet(logGamma, statistics.variance), z[0].length));
  }

  private static double logDet(double[] logGamma, double[] variance) {
    double sum = 0;
    for (int j = 0; j < logGamma.length; j++) {
      sum += logGamma[j] - Math.log(variance[j] + EPSILON) / 2;
    }
    return sum;
  }

  private static double[] repeat(double value, int count) {
    double[] values = new double[count];
    Arrays.fill(values, value);
    return values;
  }
}
