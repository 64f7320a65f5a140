package dev.realnvp.flow.layer;

import dev.realnvp.engine.Stage;
import java.util.List;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Batch normalization as an invertible map (Dinh et al. 2017, Density estimation using Real NVP,
 * section 3.7 and appendix E), per feature:
 *
 * <pre>
 * z = (x - mean) / sqrt(var + eps) * exp(logGamma) + beta
 * log |det dz/dx| = sum_j (logGamma_j - log(var_j + eps) / 2)
 * </pre>
 *
 * <p>with eps = 1e-5. In training, mean and var are those of the batch (var with denominator N -
 * 1), and the gradient flows through both, in z and in the log-determinant. Otherwise, and for a
 * batch of one row, they are the running statistics, which each training batch updates: {@code
 * running = 0.9 running + 0.1 batch}. The running statistics are parameters that are not trained,
 * so they are saved and averaged with the others.
 */
public final class LinearBatchNorm extends FlowLayer {

  /** The term that is added to a variance. */
  public static final double EPSILON = 1e-5;

  static final double MOMENTUM = 0.9;

  static final String LOG_GAMMA = "logGamma";
  static final String BETA = "beta";
  static final String MEAN = "mean";

  /** The name of the running variances, {@code [D]}, at least 0. */
  public static final String VARIANCE = "var";

  /**
   * @param features D, at least 1
   * @param context C, carried through
   */
  @JsonCreator
  public LinearBatchNorm(
      @JsonProperty("features") int features, @JsonProperty("context") int context) {
    super(features, context);
  }

  @Override
  ParamLayout layout() {
    long[] shape = {features()};
    return new ParamLayout(
        List.of(
            new ParamLayout.Param(LOG_GAMMA, shape, ParamLayout.constant(0), true),
            new ParamLayout.Param(BETA, shape, ParamLayout.constant(0), true),
            new ParamLayout.Param(MEAN, shape, ParamLayout.constant(0), false),
            new ParamLayout.Param(VARIANCE, shape, ParamLayout.constant(1), false)));
  }

  @Override
  public Stage stage() {
    return new LinearBatchNormStage(this);
  }
}
