package dev.realnvp.model;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * L2 regularization that changes the gradient to {@code g + l2 * w} before the updater sees it, and
 * does not change the score: a network's score stays the mean loss of its examples.
 */
public final class GradientDecay extends L2Regularization {

  /**
   * @param l2 the factor of the parameters in the gradient
   */
  public GradientDecay(double l2) {
    this(new FixedSchedule(l2));
  }

  private GradientDecay(@JsonProperty("l2") ISchedule l2) {
    super(l2);
  }

  @Override
  public double score(INDArray parameters, int iteration, int epoch) {
    return 0;
  }

  @Override
  public GradientDecay clone() {
    return new GradientDecay(l2.clone());
  }
}
