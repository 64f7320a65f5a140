package dev.realnvp.spark.flow;

import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.flow.column.KindChoice;
import dev.realnvp.scores.Calibration;
import dev.realnvp.spark.training.TrainingListener;
import java.util.List;
import java.util.Map;

/** Is notified about the training of a flow, on the driver, in the training thread. */
public interface FlowListener extends TrainingListener {

  /**
   * Called before the training, with what follows from the table where the settings leave it open.
   *
   * @param preset of the table
   * @param flow its structure
   * @param noise the standard deviation of what training adds to standardised features
   * @param l2 the factor of a parameter in its gradient
   */
  default void fitted(Preset preset, RealNVPConfig flow, double noise, double l2) {}

  /**
   * Called before the training if features are constant, or nearly so, and thus not scaled.
   *
   * @param constant their indices, from 0
   * @param features the number of all features
   */
  default void constantFeatures(List<Integer> constant, int features) {}

  /**
   * Called before the training if the flow knows kinds of features.
   *
   * @param names of the features, {@code [D]}
   * @param kinds of them
   */
  default void kinds(List<String> names, List<KindChoice.Choice> kinds) {}

  /**
   * Called before the training if some rows may be left out of it.
   *
   * @param rows how many
   * @param share of all rows
   * @param shifts the features in which they differ most, and by how many deviations
   */
  default void suspects(long rows, double share, Map<String, Double> shifts) {}

  /** Called after the training, when the flow is calibrated. */
  default void calibrated(Calibration calibration) {}

  /**
   * Called after the training if the flow cannot be calibrated; it is complete without a
   * calibration.
   *
   * @param reason why, in one line
   */
  default void notCalibrated(String reason) {}
}
