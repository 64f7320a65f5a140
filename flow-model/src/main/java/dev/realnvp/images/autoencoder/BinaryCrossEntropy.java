package dev.realnvp.images.autoencoder;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StagedLayer;
import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.FlatArrays;
import dev.realnvp.engine.arrays.Floats;
import java.util.Arrays;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * Binary cross-entropy of logits, the mean over an example's P pixels, in nats:
 *
 * <pre>loss(x, y) = mean of max(x, 0) - x y + log(1 + exp(-|x|))
 * dloss/dx   = (sigmoid(x) - y) / P</pre>
 *
 * <p>which is {@code -y log(sigmoid(x)) - (1 - y) log(1 - sigmoid(x))} without its overflow. x and
 * y are {@code [N, P]}, y in 0..1, and the activation is the sigmoid.
 */
public final class BinaryCrossEntropy implements ILossFunction, StagedLayer {

  @Override
  public Stage stage() {
    return new BinaryCrossEntropyStage();
  }

  @Override
  public double computeScore(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask, boolean average) {
    Batch batch = run(stage(), labels, logits, activation, mask);
    return average ? batch.meanLoss() : batch.meanLoss() * batch.rows();
  }

  @Override
  public INDArray computeScoreArray(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask) {
    Batch batch = run(stage(), labels, logits, activation, mask);
    return Nd4j.createFromArray(Arrays.copyOf(batch.losses(), batch.rows()))
        .reshape(batch.rows(), 1)
        .castTo(logits.dataType());
  }

  @Override
  public INDArray computeGradient(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask) {
    Stage stage = stage();
    Batch batch = run(stage, labels, logits, activation, mask);
    stage.backward(batch, true);
    float[] gradient = Arrays.copyOf(batch.values().array(), Math.toIntExact(logits.length()));
    return FlatArrays.array(gradient, logits.dataType(), 'c', logits.shape());
  }

  @Override
  public Pair<Double, INDArray> computeGradientAndScore(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask, boolean average) {
    return new Pair<>(
        computeScore(labels, logits, activation, mask, average),
        computeGradient(labels, logits, activation, mask));
  }

  private static Batch run(
      Stage stage, INDArray labels, INDArray logits, IActivation activation, INDArray mask) {
    require(labels, logits, activation, mask);
    Batch batch = new Batch().rows(Math.toIntExact(logits.size(0)));
    float[] targets = FlatArrays.read(labels, 'c');
    System.arraycopy(targets, 0, batch.inputs().ensureCapacity(targets.length), 0, targets.length);
    batch.values(Floats.of(FlatArrays.read(logits, 'c')));
    stage.width(Math.toIntExact(logits.size(1)));
    stage.forward(batch, true);
    return batch;
  }

  private static void require(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask) {
    if (logits.rank() != 2 || !logits.equalShapes(labels)) {
      throw new IllegalArgumentException(
          "targets: got shape %s, expected %s, that of the logits, [N, P]"
              .formatted(Arrays.toString(labels.shape()), Arrays.toString(logits.shape())));
    }
    if (!(activation instanceof ActivationSigmoid)) {
      throw new IllegalArgumentException("activation: got " + activation + ", expected sigmoid");
    }
    if (mask != null) {
      throw new IllegalArgumentException("mask: got one, expected none");
    }
  }

  @Override
  public String name() {
    return "BinaryCrossEntropy";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BinaryCrossEntropy;
  }

  @Override
  public int hashCode() {
    return BinaryCrossEntropy.class.hashCode();
  }

  /**
   * {@link BinaryCrossEntropy} on plain arrays: the batch's values are the logits, {@code [N, P]},
   * its inputs the targets, in the same order.
   */
  private static final class BinaryCrossEntropyStage extends Stage {

    /** This many factors of at least a half are far from underflow. */
    private static final int FACTORS = 512;

    private final Floats sigmoids = new Floats();
    private int width;

    @Override
    public void width(int values) {
      width = values;
    }

    /**
     * Computes the losses with {@code log(1 + exp(-|x|)) = -log max(sigmoid(x), 1 - sigmoid(x))};
     * its sum over the pixels is the logarithm of a product.
     */
    @Override
    public void forward(Batch batch, boolean training) {
      int size = batch.rows() * width;
      Elementwise.sigmoid(batch.values().array(), sigmoids.ensureCapacity(size), 0, size);
      float[] x = batch.values().array();
      float[] t = batch.inputs().array();
      for (int n = 0; n < batch.rows(); n++) {
        int end = (n + 1) * width;
        double sum = 0;
        for (int i = n * width; i < end; i += FACTORS) {
          sum += sum(x, t, sigmoids.array(), i, Math.min(i + FACTORS, end));
        }
        batch.losses()[n] = sum / width;
      }
    }

    private static double sum(float[] x, float[] t, float[] sigmoid, int from, int to) {
      double sum = 0;
      double product = 1;
      for (int i = from; i < to; i++) {
        float logit = x[i];
        float p = sigmoid[i];
        float q = 1f - p;
        // Conditions are twice as fast here as Math.max, and NaN stays NaN.
        sum += (logit > 0 ? logit : 0f) - logit * t[i];
        product *= p > q ? p : q;
      }
      return sum - Math.log(product);
    }

    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      float[] t = batch.inputs().array();
      float[] gradient = sigmoids.array();
      float share = 1f / width;
      for (int i = 0; i < batch.rows() * width; i++) {
        gradient[i] = (gradient[i] - t[i]) * share;
      }
      batch.values(sigmoids);
    }
  }
}
