package dev.realnvp.flow;

import dev.realnvp.flow.layer.FlowLayer;
import dev.realnvp.flow.layer.FlowOutputLayer;
import dev.realnvp.flow.layer.LinearBatchNorm;
import dev.realnvp.flow.layer.LinearCouplingLayer;
import dev.realnvp.flow.layer.Permutation;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The structure of a {@link RealNVP} as a DL4J network: its transforms, and the loss at the end.
 */
final class FlowNetwork {

  private FlowNetwork() {}

  /**
   * A network of these transforms.
   *
   * @param seed of the initial weights
   * @param layers from data to base, at least one
   */
  static MultiLayerConfiguration configuration(
      long seed, List<FlowLayer> layers, IUpdater updater, List<Regularization> regularization) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .dataType(DataType.FLOAT)
            .updater(updater)
            .trainingWorkspaceMode(WorkspaceMode.ENABLED)
            .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
            .list();
    for (FlowLayer layer : layers) {
      layer.setRegularization(new ArrayList<>(regularization));
      list.layer(layer);
    }
    FlowLayer first = layers.get(0);
    return list.layer(new FlowOutputLayer(first.features(), first.context())).build();
  }

  /**
   * The transforms of a flow from data to base: blocks of a coupling, a permutation and a batch
   * normalization. Without permutations every second coupling changes the features that the others
   * keep.
   */
  static List<FlowLayer> layers(RealNVPConfig config) {
    int features = config.features();
    int context = config.context();
    SplittableRandom random = new SplittableRandom(config.seed());
    List<FlowLayer> layers = new ArrayList<>();
    for (int i = 0; i < config.couplings(); i++) {
      boolean[] kept =
          config.permute() || i % 2 == 0
              ? config.mask().kept(features)
              : config.mask().complement(features);
      layers.add(new LinearCouplingLayer(context, kept, config.hidden(), config.sharedNetwork()));
      if (config.permute()) {
        layers.add(Permutation.random(features, context, random));
      }
      if (config.batchNorm()) {
        layers.add(new LinearBatchNorm(features, context));
      }
    }
    return layers;
  }
}
