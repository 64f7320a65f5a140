package dev.realnvp.model;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.learning.config.IUpdater;

/** The learning rates of a network that is being trained. */
public final class LearningRates {

  private LearningRates() {}

  /**
   * Multiplies every learning rate of the network's configuration, including schedules. The state
   * of the updater does not change.
   */
  public static void scale(MultiLayerNetwork network, double factor) {
    // Layers and parameters may share an updater.
    Set<IUpdater> updaters = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Layer layer : network.getLayers()) {
      for (String name : layer.paramTable().keySet()) {
        updaters.add(layer.conf().getLayer().getUpdaterByParam(name));
      }
    }
    for (IUpdater updater : updaters) {
      if (updater.hasLearningRate()) {
        updater.setLrAndSchedule(
            updater.getLearningRate(0, 0) * factor, new ScaledRate(updater.clone(), factor));
      }
    }
  }
}
