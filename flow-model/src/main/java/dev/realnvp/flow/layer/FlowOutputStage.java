package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Stage;

/** {@link FlowOutputLayer} on plain arrays: the losses are {@code -log p(x)}, in nats. */
final class FlowOutputStage extends Stage {

  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

  private final int features;

  FlowOutputStage(FlowOutputLayer layer) {
    features = layer.features();
  }

  @Override
  public int[] order() {
    return new int[0];
  }

  @Override
  public int trained() {
    return 0;
  }

  @Override
  public void forward(Batch batch, boolean training) {
    float[] z = batch.values().array();
    int rows = batch.rows();
    double[] losses = batch.losses();
    for (int i = 0; i < rows; i++) {
      losses[i] = features * LOG_TWO_PI / 2 - batch.logDet()[i];
    }
    for (int j = 0; j < features; j++) {
      for (int i = 0; i < rows; i++) {
        double value = z[j * rows + i];
        losses[i] += value * value / 2;
      }
    }
  }

  /** The gradient of {@code w |z|^2 / 2} is w z; for w = 1 the batch has it already. */
  @Override
  public void backward(Batch batch, boolean wanted) {
    if (!batch.weighted()) {
      return;
    }
    float[] z = batch.values().array();
    int rows = batch.rows();
    for (int j = 0; j < features; j++) {
      for (int i = 0; i < rows; i++) {
        z[j * rows + i] *= batch.weight(i);
      }
    }
  }
}
