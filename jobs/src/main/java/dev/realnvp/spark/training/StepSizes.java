package dev.realnvp.spark.training;

import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.Objects;

/**
 * How large the optimizer's steps are over a training.
 *
 * @param learningRate Adam's step size, at the first step or after the warm-up
 * @param schedule how it moves
 * @param warmUp the share of all steps in which it comes up from 0, at least 0 and below 1
 * @param l2 the factor of the parameter in its gradient; 0 for none
 */
public record StepSizes(double learningRate, Schedule schedule, double warmUp, double l2) {

  /**
   * @throws IllegalArgumentException if the warm-up is out of its range
   */
  public StepSizes {
    Objects.requireNonNull(schedule, "schedule");
    if (!(warmUp >= 0 && warmUp < 1)) {
      throw new IllegalArgumentException(
          "Cannot set warmUp to %s, the value must be at least 0 and below 1".formatted(warmUp));
    }
  }

  /** The optimizer of a training of so many steps. */
  Optimizer over(long steps) {
    return new Optimizer(
        learningRate, schedule, Math.max(steps, 1), Math.round(warmUp * steps), l2);
  }
}
