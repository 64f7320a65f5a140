package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.factory.Nd4j;
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
 *
 * <p>In training it may add noise, {@code z_j + noise_j e}, e ~ N(0, 1), drawn anew for each value.
 * What is learnt then is the density of the rows, smoothed as by a kernel of that width, which
 * keeps a flow from learning few rows by heart (Rothfuss et al. 2019, Noise Regularization for
 * Conditional Density Estimation, section 4). Its seeds come from ND4J's generator of the thread,
 * as dropout's do.
 */
public final class Standardization extends FlowLayer {

  /** The name of the means, {@code [D]}. */
  public static final String MEAN = "mean";

  /** The name of the scales, {@code [D]}, each above 0. */
  public static final String SCALE = "scale";

  @JsonProperty private final double[] noise;

  /**
   * @param features D, at least 1
   * @param context C, carried through
   * @param noise the standard deviation of each feature's, {@code [D]}, in that of the feature;
   *     empty, or null as in older models, for none
   * @throws IllegalArgumentException if there are not D, or one is negative or not finite
   */
  @JsonCreator
  public Standardization(
      @JsonProperty("features") int features,
      @JsonProperty("context") int context,
      @JsonProperty("noise") double[] noise) {
    super(features, context);
    this.noise = noise == null ? new double[0] : noise.clone();
    if (this.noise.length > 0 && this.noise.length != features) {
      throw new IllegalArgumentException(
          "noise: got %d values, expected %d".formatted(this.noise.length, features));
    }
    if (Arrays.stream(this.noise).anyMatch(s -> !(s >= 0) || Double.isInfinite(s))) {
      throw new IllegalArgumentException(
          "noise: got %s, expected finite values of at least 0"
              .formatted(Arrays.toString(this.noise)));
    }
  }

  /** One without noise. */
  public Standardization(int features, int context) {
    this(features, context, null);
  }

  /** The standard deviation of each feature's noise, {@code [D]}; empty for none. */
  public double[] noise() {
    return noise.clone();
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

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof Standardization that
        && Arrays.equals(noise, that.noise);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), Arrays.hashCode(noise));
  }

  /**
   * {@link Standardization} on plain arrays. Its statistics are the means, then the scales. Rows
   * are stored column by column.
   */
  private static final class StandardizationStage extends InvertibleStage {

    private final int features;
    private final double[] noise;
    private final Floats out = new Floats();
    private final Floats back = new Floats();

    StandardizationStage(Standardization layer) {
      features = layer.features();
      noise = layer.noise;
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
      if (training && noise.length > 0) {
        addNoise(z, rows);
      }
      addLogDet(batch, -1);
      batch.values(out);
    }

    private void addNoise(float[] z, int rows) {
      SplittableRandom random = new SplittableRandom(Nd4j.getRandom().nextLong());
      for (int j = 0; j < features; j++) {
        for (int i = j * rows; i < (j + 1) * rows; i++) {
          z[i] += (float) (noise[j] * random.nextGaussian());
        }
      }
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
