package dev.realnvp.images.classifier;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.DenseStage;
import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StagedLayer;
import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.Floats;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** DL4J's output layer with softmax and cross-entropy, which can run on plain arrays too. */
public final class SoftmaxOutput extends OutputLayer implements StagedLayer {

  private SoftmaxOutput() {}

  /**
   * @param in input values per row
   * @param classes K
   */
  public SoftmaxOutput(int in, int classes) {
    super(
        new OutputLayer.Builder(LossFunction.MCXENT)
            .nIn(in)
            .nOut(classes)
            .activation(Activation.SOFTMAX));
  }

  @Override
  public Stage stage() {
    return new SoftmaxOutputStage(Math.toIntExact(nIn), Math.toIntExact(nOut));
  }

  /**
   * {@link SoftmaxOutput} on plain arrays: {@code p = softmax(x W + b)}, {@code loss = -sum_k t_k
   * log p_k}, with the targets t as the batch's context.
   */
  private static final class SoftmaxOutputStage extends DenseStage {

    private final int classes;
    private final Floats probabilities = new Floats();

    SoftmaxOutputStage(int in, int classes) {
      super(in, classes, false);
      this.classes = classes;
    }

    @Override
    public void forward(Batch batch, boolean training) {
      super.forward(batch, training);
      float[] logits = batch.values().array();
      float[] p = probabilities.ensureCapacity((long) batch.rows() * classes);
      float[] targets = batch.context().array();
      for (int i = 0; i < batch.rows(); i++) {
        int from = i * classes;
        double largest = Double.NEGATIVE_INFINITY;
        for (int k = from; k < from + classes; k++) {
          largest = Math.max(largest, logits[k]);
        }
        double sum = 0;
        for (int k = from; k < from + classes; k++) {
          sum += Math.exp(logits[k] - largest);
        }
        double logSum = largest + Math.log(sum);
        double loss = 0;
        for (int k = from; k < from + classes; k++) {
          p[k] = (float) Math.exp(logits[k] - logSum);
          loss += targets[(k - from) * batch.rows() + i] * (logSum - logits[k]);
        }
        batch.losses()[i] = loss;
      }
      Elementwise.flush(p, 0, batch.rows() * classes);
      batch.values(probabilities);
    }

    /** With targets that sum to 1: {@code dlogits = p - t}. */
    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      float[] delta = probabilities.array();
      float[] targets = batch.context().array();
      for (int i = 0; i < batch.rows(); i++) {
        for (int k = 0; k < classes; k++) {
          delta[i * classes + k] -= targets[k * batch.rows() + i];
        }
      }
      batch.values(probabilities);
      super.backward(batch, needsInputGradient);
    }
  }
}
