package dev.realnvp.model;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The learning rate of an updater, constant or scheduled, times a factor.
 *
 * @param of the updater with the original rate
 * @param factor of the rate
 */
public record ScaledRate(@JsonProperty("of") IUpdater of, @JsonProperty("factor") double factor)
    implements ISchedule {

  /**
   * Multiplies every learning rate of a network's configuration, including schedules. The state of
   * the updater does not change.
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

  @Override
  public double valueAt(int iteration, int epoch) {
    return factor * of.getLearningRate(iteration, epoch);
  }

  @Override
  public ScaledRate clone() {
    return this;
  }
}
