package dev.realnvp.model;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Adam (Kingma and Ba 2015, in the form at the end of section 2; beta1 = 0.9, beta2 = 0.999,
 * epsilon = 1e-8) with a learning rate schedule and an L2 term in the gradient of every trained
 * parameter, biases too (PyTorch's {@code weight_decay}).
 *
 * @param learningRate at the first step, or after the warm-up
 * @param schedule of the learning rate
 * @param totalSteps the iterations of the complete training; a cosine reaches 0 after them
 * @param warmUpSteps the iterations in which the learning rate rises from 0; 0 for none
 * @param l2 the factor of the parameter in its gradient; 0 for none
 */
public record Optimizer(
    double learningRate, Schedule schedule, long totalSteps, long warmUpSteps, double l2) {

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public Optimizer {
    requireLearningRate(learningRate);
    if (schedule == null) {
      throw new IllegalArgumentException("schedule: got null, expected CONSTANT or COSINE");
    }
    requireTotalSteps(totalSteps);
    if (warmUpSteps < 0) {
      throw new IllegalArgumentException(
          "warm-up steps: got " + warmUpSteps + ", expected at least 0");
    }
    if (!(l2 >= 0) || Double.isInfinite(l2)) {
      throw new IllegalArgumentException("l2: got " + l2 + ", expected a finite value >= 0");
    }
  }

  /** An optimizer without warm-up. */
  public Optimizer(double learningRate, Schedule schedule, long totalSteps, double l2) {
    this(learningRate, schedule, totalSteps, 0, l2);
  }

  /**
   * Begins a network of floats that is trained this way, weights and biases alike.
   *
   * @param seed of the initial weights
   */
  public NeuralNetConfiguration.Builder network(long seed) {
    return new NeuralNetConfiguration.Builder()
        .seed(networkSeed(seed))
        .dataType(DataType.FLOAT)
        .updater(updater())
        .regularization(regularization())
        .regularizationBias(regularization());
  }

  /** A seed for DL4J, to which 0 is none: its initial weights then differ each time. */
  public static long networkSeed(long seed) {
    return seed == 0 ? Long.MAX_VALUE : seed;
  }

  /** DL4J's updater: Adam with the schedule. */
  public IUpdater updater() {
    Adam adam = new Adam(learningRate, BETA1, BETA2, EPSILON);
    if (warmUpSteps > 0) {
      adam.setLrAndSchedule(learningRate, new WarmUp(learningRates(), warmUpSteps));
    } else if (schedule == Schedule.COSINE) {
      adam.setLrAndSchedule(learningRate, learningRates());
    }
    return adam;
  }

  private ISchedule learningRates() {
    return switch (schedule) {
      case CONSTANT -> new FixedSchedule(learningRate);
      case COSINE -> new CosineSchedule(learningRate, totalSteps);
    };
  }

  /**
   * The L2 term, to be set as regularization of weights and biases alike; an empty list if l2 is 0.
   * It is not part of the score.
   */
  public List<Regularization> regularization() {
    return l2 == 0 ? List.of() : List.of(new GradientDecay(l2));
  }

  static void requireLearningRate(double rate) {
    if (!(rate > 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException(
          "learning rate: got " + rate + ", expected a finite value > 0");
    }
  }

  static void requireTotalSteps(long steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("total steps: got " + steps + ", expected at least 1");
    }
  }
}
