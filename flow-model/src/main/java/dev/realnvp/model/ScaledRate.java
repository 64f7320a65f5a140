package dev.realnvp.model;

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

  @Override
  public double valueAt(int iteration, int epoch) {
    return factor * of.getLearningRate(iteration, epoch);
  }

  @Override
  public ScaledRate clone() {
    return this;
  }
}
