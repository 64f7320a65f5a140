package dev.realnvp.model;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A schedule whose first steps are smaller, by iteration t from 0:
 *
 * <pre>lr(t) = schedule(t) * min(1, (t + 1) / steps)</pre>
 *
 * <p>Goyal et al., "Accurate, Large Minibatch SGD" (2017), section 2.2, with an increase at each
 * step.
 *
 * @param schedule of the learning rate without the warm-up
 * @param steps the number of warm-up iterations
 */
public record WarmUp(
    @JsonProperty("schedule") ISchedule schedule, @JsonProperty("steps") long steps)
    implements ISchedule {

  /**
   * @throws IllegalArgumentException if the number of steps is below 1
   */
  public WarmUp {
    if (steps < 1) {
      throw new IllegalArgumentException("warm-up steps: got " + steps + ", expected at least 1");
    }
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    return schedule.valueAt(iteration, epoch) * Math.min(1, (iteration + 1) / (double) steps);
  }

  @Override
  public WarmUp clone() {
    return this;
  }
}
