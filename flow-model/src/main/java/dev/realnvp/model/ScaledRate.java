package dev.realnvp.model;

import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The learning rate of an updater, constant or by its schedule, times a factor.
 *
 * @param of the updater whose rate it is
 * @param factor what it is multiplied by
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
