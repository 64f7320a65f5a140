package dev.realnvp.autoencoder;

import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StagedLayer;
import java.util.Arrays;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Log1p;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Binary cross-entropy by the logits, the mean over an example's P pixels, in nats:
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
    double sum =
        losses(labels, logits, activation, mask).sumNumber().doubleValue() / logits.size(1);
    return average ? sum / logits.size(0) : sum;
  }

  @Override
  public INDArray computeScoreArray(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask) {
    return losses(labels, logits, activation, mask).mean(true, 1);
  }

  @Override
  public INDArray computeGradient(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask) {
    require(labels, logits, activation, mask);
    return Transforms.sigmoid(logits, true).subi(labels).divi(logits.size(1));
  }

  @Override
  public Pair<Double, INDArray> computeGradientAndScore(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask, boolean average) {
    return new Pair<>(
        computeScore(labels, logits, activation, mask, average),
        computeGradient(labels, logits, activation, mask));
  }

  /** Of each pixel, {@code [N, P]}. */
  private static INDArray losses(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask) {
    require(labels, logits, activation, mask);
    INDArray small = Transforms.exp(Transforms.abs(logits, true).negi(), false);
    INDArray losses = Nd4j.getExecutioner().exec(new Log1p(small, small));
    return losses.addi(Transforms.relu(logits, true)).subi(logits.mul(labels));
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
}
