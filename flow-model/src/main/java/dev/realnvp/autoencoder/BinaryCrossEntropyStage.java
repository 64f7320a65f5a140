package dev.realnvp.autoencoder;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Elementwise;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.LossStage;

/**
 * {@link BinaryCrossEntropy} on plain arrays: the batch's values are the logits, {@code [N, P]},
 * its inputs the targets, in the same order.
 */
final class BinaryCrossEntropyStage extends LossStage {

  /** This many factors of at least a half are far from underflow. */
  private static final int FACTORS = 512;

  private final Floats sigmoids = new Floats();

  /**
   * Computes the losses with {@code log(1 + exp(-|x|)) = -log max(sigmoid(x), 1 - sigmoid(x))}; its
   * sum over the pixels is the logarithm of a product.
   */
  @Override
  public void forward(Batch batch, boolean training) {
    int size = batch.rows() * width();
    Elementwise.sigmoid(batch.values().array(), sigmoids.atLeast(size), 0, size);
    float[] x = batch.values().array();
    float[] t = batch.inputs().array();
    for (int n = 0; n < batch.rows(); n++) {
      int end = (n + 1) * width();
      double sum = 0;
      for (int i = n * width(); i < end; i += FACTORS) {
        sum += sum(x, t, sigmoids.array(), i, Math.min(i + FACTORS, end));
      }
      batch.losses()[n] = sum / width();
    }
  }

  private static double sum(float[] x, float[] t, float[] sigmoid, int from, int to) {
    double sum = 0;
    double product = 1;
    for (int i = from; i < to; i++) {
      sum += Math.max(x[i], 0f) - x[i] * t[i];
      product *= Math.max(sigmoid[i], 1f - sigmoid[i]);
    }
    return sum - Math.log(product);
  }

  @Override
  public void backward(Batch batch, boolean wanted) {
    float[] t = batch.inputs().array();
    float[] gradient = sigmoids.array();
    float share = 1f / width();
    for (int i = 0; i < batch.rows() * width(); i++) {
      gradient[i] = (gradient[i] - t[i]) * share;
    }
    batch.values(sigmoids);
  }
}
