package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.arrays.Floats;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.factory.Nd4j;

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
 *
 * @param features D, at least 1
 * @param context C, carried through
 * @param noise the standard deviation of each feature's, {@code [D]}, in that of the feature; empty
 *     for none
 */
public record Standardization(int features, int context, List<Double> noise) implements Transform {

  /** The name of the means, {@code [D]}. */
  public static final String MEAN = "mean";

  /** The name of the scales, {@code [D]}, each above 0. */
  public static final String SCALE = "scale";

  /**
   * @throws IllegalArgumentException if there are not D deviations, or one is negative or not
   *     finite
   */
  public Standardization {
    FlowRowLayout.requireSizes(features, context);
    noise = List.copyOf(noise);
    if (!noise.isEmpty() && noise.size() != features) {
      throw new IllegalArgumentException(
          "noise: got %d values, expected %d".formatted(noise.size(), features));
    }
    if (noise.stream().anyMatch(s -> !(s >= 0) || s.isInfinite())) {
      throw new IllegalArgumentException(
          "noise: got %s, expected finite values of at least 0".formatted(noise));
    }
  }

  @Override
  public ParamLayout layout() {
    long[] shape = {features};
    return ParamLayout.of(
        new ParamLayout.Param(MEAN, shape, ParamLayout.constant(0), false),
        new ParamLayout.Param(SCALE, shape, ParamLayout.constant(1), false));
  }

  @Override
  public InvertibleStage stage() {
    return new Stage(this);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.standardization(this);
  }

  /**
   * {@link Standardization} on plain arrays. Its statistics are the means, then the scales. Rows
   * are stored column by column.
   */
  private static final class Stage extends Kernel {

    private final int features;
    private final double[] noise;
    private final Floats out = new Floats();
    private final Floats back = new Floats();

    Stage(Standardization transform) {
      super(transform);
      features = transform.features;
      noise = transform.noise.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public void forward(Batch batch, boolean training) {
      int rows = batch.rows();
      float[] x = batch.values().array();
      float[] z = out.ensureCapacity((long) rows * features);
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
      addLogDet(batch, -logScales());
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
      float[] x = back.ensureCapacity((long) rows * features);
      for (int j = 0; j < features; j++) {
        float mean = mean(j);
        float scale = scale(j);
        for (int i = j * rows; i < (j + 1) * rows; i++) {
          x[i] = z[i] * scale + mean;
        }
      }
      addLogDet(batch, logScales());
      batch.values(back);
    }

    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      int rows = batch.rows();
      float[] gradient = batch.values().array();
      for (int j = 0; j < features; j++) {
        float rate = 1 / scale(j);
        for (int i = j * rows; i < (j + 1) * rows; i++) {
          gradient[i] *= rate;
        }
      }
    }

    private double logScales() {
      double sum = 0;
      for (int j = 0; j < features; j++) {
        sum += Math.log(scale(j));
      }
      return sum;
    }

    private float mean(int feature) {
      return untrained(feature);
    }

    private float scale(int feature) {
      return untrained(features + feature);
    }
  }
}
