package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.InvertibleStage;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * {@link LinearBatchNorm} on plain arrays; {@link LinearBatchNormImpl} says the mathematics. Its
 * parameters are logGamma and beta, its statistics the running mean and variance.
 */
final class LinearBatchNormStage extends InvertibleStage {

  private final int features;
  private final Floats normal = new Floats();
  private final Floats out = new Floats();
  private final Floats back = new Floats();
  private final double[] mean;
  private final double[] variance;
  private boolean ofBatch;

  LinearBatchNormStage(LinearBatchNorm layer) {
    features = layer.features();
    mean = new double[features];
    variance = new double[features];
  }

  @Override
  public int[] order() {
    return IntStream.range(0, 4 * features).toArray();
  }

  @Override
  public int trained() {
    return 2 * features;
  }

  @Override
  public void forward(Batch batch, boolean training) {
    int rows = batch.rows();
    float[] x = batch.values().array();
    ofBatch = training && rows > 1;
    if (ofBatch) {
      statisticsOf(x, rows);
      moveRunning();
    } else {
      takeRunning();
    }
    float[] shift = new float[features];
    float[] rate = new float[features];
    float[] gamma = new float[features];
    float[] beta = new float[features];
    double logDet = 0;
    for (int j = 0; j < features; j++) {
      shift[j] = (float) mean[j];
      rate[j] = (float) (1 / Math.sqrt(variance[j] + LinearBatchNorm.EPSILON));
      gamma[j] = (float) Math.exp(logGamma(j));
      beta[j] = values().array()[parameters() + features + j];
      logDet += logGamma(j) - Math.log(variance[j] + LinearBatchNorm.EPSILON) / 2;
    }
    float[] n = normal.atLeast((long) rows * features);
    float[] z = out.atLeast((long) rows * features);
    for (int i = 0; i < rows; i++) {
      int row = i * features;
      for (int j = 0; j < features; j++) {
        float standard = (x[row + j] - shift[j]) * rate[j];
        n[row + j] = standard;
        z[row + j] = standard * gamma[j] + beta[j];
      }
      batch.logDet()[i] += logDet;
    }
    batch.values(out);
  }

  private double logGamma(int feature) {
    return values().array()[parameters() + feature];
  }

  private void statisticsOf(float[] x, int rows) {
    Arrays.fill(mean, 0);
    Arrays.fill(variance, 0);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < features; j++) {
        mean[j] += x[i * features + j];
      }
    }
    for (int j = 0; j < features; j++) {
      mean[j] /= rows;
    }
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < features; j++) {
        double off = x[i * features + j] - mean[j];
        variance[j] += off * off;
      }
    }
    for (int j = 0; j < features; j++) {
      variance[j] /= rows - 1;
    }
  }

  private void takeRunning() {
    for (int j = 0; j < features; j++) {
      mean[j] = values().array()[statistics() + j];
      variance[j] = values().array()[statistics() + features + j];
    }
  }

  private void moveRunning() {
    float[] values = values().array();
    for (int j = 0; j < features; j++) {
      values[statistics() + j] = moved(values[statistics() + j], mean[j]);
      int at = statistics() + features + j;
      values[at] = moved(values[at], variance[j]);
    }
  }

  private static float moved(float running, double batch) {
    return (float) (running - (1 - LinearBatchNorm.MOMENTUM) * (running - batch));
  }

  @Override
  public void backward(Batch batch, boolean wanted) {
    int rows = batch.rows();
    float[] dz = batch.values().array();
    float[] n = normal.array();
    double[] dBeta = new double[features];
    double[] along = new double[features];
    for (int i = 0; i < rows; i++) {
      int row = i * features;
      for (int j = 0; j < features; j++) {
        dBeta[j] += dz[row + j];
        along[j] += dz[row + j] * n[row + j];
      }
    }
    float[] factor = new float[features];
    float[] shift = new float[features];
    float[] slope = new float[features];
    for (int j = 0; j < features; j++) {
      double gamma = Math.exp(logGamma(j));
      double rate = 1 / Math.sqrt(variance[j] + LinearBatchNorm.EPSILON);
      double total = gamma * along[j] - rows;
      gradients().array()[parameters() + j] = (float) total;
      gradients().array()[parameters() + features + j] = (float) dBeta[j];
      factor[j] = (float) (rate * gamma);
      shift[j] = ofBatch ? (float) (rate * gamma * dBeta[j] / rows) : 0;
      slope[j] = ofBatch ? (float) (rate * total / (rows - 1)) : 0;
    }
    float[] dx = back.atLeast((long) rows * features);
    for (int i = 0; i < rows; i++) {
      int row = i * features;
      for (int j = 0; j < features; j++) {
        dx[row + j] = factor[j] * dz[row + j] - shift[j] - slope[j] * n[row + j];
      }
    }
    batch.values(back);
  }

  @Override
  public void inverse(Batch batch) {
    takeRunning();
    float[] scale = new float[features];
    float[] beta = new float[features];
    float[] shift = new float[features];
    double logDet = 0;
    for (int j = 0; j < features; j++) {
      scale[j] =
          (float) (Math.sqrt(variance[j] + LinearBatchNorm.EPSILON) * Math.exp(-logGamma(j)));
      beta[j] = values().array()[parameters() + features + j];
      shift[j] = (float) mean[j];
      logDet += logGamma(j) - Math.log(variance[j] + LinearBatchNorm.EPSILON) / 2;
    }
    float[] z = batch.values().array();
    float[] x = back.atLeast((long) batch.rows() * features);
    for (int i = 0; i < batch.rows(); i++) {
      int row = i * features;
      for (int j = 0; j < features; j++) {
        x[row + j] = (z[row + j] - beta[j]) * scale[j] + shift[j];
      }
      batch.logDet()[i] -= logDet;
    }
    batch.values(back);
  }
}
