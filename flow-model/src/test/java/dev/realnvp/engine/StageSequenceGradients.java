package dev.realnvp.engine;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** What the way back of a network's stages gives. */
public final class StageSequenceGradients {

  private StageSequenceGradients() {}

  /**
   * The gradients of the sum of the losses, in the network's own order; 0 for what is not trained.
   */
  public static float[] of(MultiLayerNetwork network, Batch batch) {
    StageSequence program = StageSequence.of(network).orElseThrow();
    program.forward(batch, true);
    program.backward(batch);
    float[] gradients = new float[Math.toIntExact(network.numParams())];
    for (int i = 0; i < program.trainedCount(); i++) {
      gradients[program.inNetwork(i)] = program.gradients()[i];
    }
    return gradients;
  }
}
