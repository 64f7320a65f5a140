package dev.realnvp.model;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Half a cosine from the initial learning rate to 0, by iteration:
 *
 * <pre>lr(t) = initial / 2 * (1 + cos(pi * min(1, t / totalSteps)))</pre>
 *
 * <p>Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017), equation
 * 5, without restarts.
 *
 * @param initial the learning rate at iteration 0
 * @param totalSteps the iteration at which it reaches 0
 */
public record CosineSchedule(
    @JsonProperty("initial") double initial, @JsonProperty("totalSteps") long totalSteps)
    implements ISchedule {

  /**
   * @throws IllegalArgumentException if the rate is not positive and finite, or the number of steps
   *     is below 1
   */
  public CosineSchedule {
    Optimizer.requireLearningRate(initial);
    Optimizer.requireTotalSteps(totalSteps);
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    double done = Math.min(1, iteration / (double) totalSteps);
    return initial / 2 * (1 + Math.cos(Math.PI * done));
  }

  @Override
  public CosineSchedule clone() {
    return this;
  }
}
