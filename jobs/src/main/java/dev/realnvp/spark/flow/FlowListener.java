package dev.realnvp.spark.flow;

import dev.realnvp.spark.scores.Calibration;
import dev.realnvp.spark.training.TrainingListener;
import java.util.List;

/** Hears how a flow is trained, on the driver, in the thread that trains. */
public interface FlowListener extends TrainingListener {

  /**
   * Called before the training where features are constant, or nearly so, and thus not scaled.
   *
   * @param constant which ones, counted from 0
   * @param features how many there are in all
   */
  default void constantFeatures(List<Integer> constant, int features) {}

  /** Called after the training, when the flow is calibrated. */
  default void calibrated(Calibration calibration) {}

  /**
   * Called after the training where the flow cannot be calibrated, and is whole without.
   *
   * @param reason why, in one line
   */
  default void notCalibrated(String reason) {}
}
