package dev.realnvp.flow.layer;

import dev.realnvp.engine.Stage;
import java.util.List;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A fixed map that brings each feature to a common location and scale:
 *
 * <pre>
 * z_j = (x_j - mean_j) / scale_j
 * log |det dz/dx| = -sum_j log scale_j
 * </pre>
 *
 * <p>Mean and scale are parameters that are not trained; until {@code setParam} sets them, they are
 * 0 and 1. They belong to the network, so its densities and samples refer to the original features.
 */
public final class Standardization extends FlowLayer {

  /** The name of the means, {@code [D]}. */
  public static final String MEAN = "mean";

  /** The name of the scales, {@code [D]}, each above 0. */
  public static final String SCALE = "scale";

  /**
   * @param features D, at least 1
   * @param context C, carried through
   */
  @JsonCreator
  public Standardization(
      @JsonProperty("features") int features, @JsonProperty("context") int context) {
    super(features, context);
  }

  @Override
  ParamLayout layout() {
    long[] shape = {features()};
    return new ParamLayout(
        List.of(
            new ParamLayout.Param(MEAN, shape, ParamLayout.constant(0), false),
            new ParamLayout.Param(SCALE, shape, ParamLayout.constant(1), false)));
  }

  @Override
  public Stage stage() {
    return new StandardizationStage(this);
  }
}
