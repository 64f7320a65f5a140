package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.Stage;
import java.util.List;
import java.util.stream.IntStream;
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

  /**
   * {@link Standardization} on plain arrays. Its statistics are the means, then the scales. Rows
   * are stored column by column.
   */
  private static final class StandardizationStage extends InvertibleStage {

    private final int features;
    private final Floats out = new Floats();
    private final Floats back = new Floats();

    StandardizationStage(Standardization layer) {
      features = layer.features();
    }

    @Override
    public int[] layerIndices() {
      return IntStream.range(0, 2 * features).toArray();
    }

    @Override
    public int trainedCount() {
      return 0;
    }

    @Override
    public void forward(Batch batch, boolean training) {
      int rows = batch.rows();
      float[] x = batch.values().array();
      float[] z = out.atLeast((long) rows * features);
      for (int j = 0; j < features; j++) {
        float mean = mean(j);
        float rate = 1 / scale(j);
        for (int i = j * rows; i < (j + 1) * rows; i++) {
          z[i] = (x[i] - mean) * rate;
        }
      }
      addLogDet(batch, -1);
      batch.values(out);
    }

    @Override
    public void inverse(Batch batch) {
      int rows = batch.rows();
      float[] z = batch.values().array();
      float[] x = back.atLeast((long) rows * features);
      for (int j = 0; j < features; j++) {
        float mean = mean(j);
        float scale = scale(j);
        for (int i = j * rows; i < (j + 1) * rows; i++) {
          x[i] = z[i] * scale + mean;
        }
      }
      addLogDet(batch, 1);
      batch.values(back);
    }

    @Override
    public void backward(Batch batch, boolean wanted) {
      int rows = batch.rows();
      float[] gradient = batch.values().array();
      for (int j = 0; j < features; j++) {
        float rate = 1 / scale(j);
        for (int i = j * rows; i < (j + 1) * rows; i++) {
          gradient[i] *= rate;
        }
      }
    }

    private void addLogDet(Batch batch, int sign) {
      double sum = 0;
      for (int j = 0; j < features; j++) {
        sum += Math.log(scale(j));
      }
      for (int i = 0; i < batch.rows(); i++) {
        batch.logDet()[i] += sign * sum;
      }
    }

    private float mean(int feature) {
      return values().array()[firstUntrained() + feature];
    }

    private float scale(int feature) {
      return values().array()[firstUntrained() + features + feature];
    }
  }
}
