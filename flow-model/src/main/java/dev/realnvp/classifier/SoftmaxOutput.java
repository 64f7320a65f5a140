package dev.realnvp.classifier;

import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StagedLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** DL4J's output layer with softmax and cross-entropy, which can run on plain arrays too. */
public final class SoftmaxOutput extends OutputLayer implements StagedLayer {

  private SoftmaxOutput() {}

  private SoftmaxOutput(OutputLayer.Builder builder) {
    super(builder);
  }

  /**
   * @param in input values per row
   * @param classes K
   */
  static SoftmaxOutput of(int in, int classes) {
    return new SoftmaxOutput(
        new OutputLayer.Builder(LossFunction.MCXENT)
            .nIn(in)
            .nOut(classes)
            .activation(Activation.SOFTMAX));
  }

  @Override
  public Stage stage() {
    return new SoftmaxOutputStage(Math.toIntExact(nIn), Math.toIntExact(nOut));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SoftmaxOutput && super.equals(other);
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }
}
