package dev.realnvp.jobs.bench;

import java.io.Serializable;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A synthetic table with anomalies of one kind. Normal rows are of a mixture of correlated
 * Gaussians; the kinds of anomalies are those of Han, Hu, Huang, Jiang and Zhao 2022, ADBench:
 * Anomaly detection benchmark (section 3.2). A row follows from the seed and its id.
 */
final class SyntheticAnomalies implements Serializable {

  /** How an anomaly differs from the normal rows. */
  enum Kind {
    /** Of the same mixture, with all covariances times 5: too far from its cluster. */
    LOCAL,
    /** Uniform in the range of each feature, times 1.1: anywhere. */
    GLOBAL,
    /** Of the same mixture, with all means times 5: in clusters of their own. */
    CLUSTERED,
    /** Each feature as that of a normal row of its own: as usual, but independent of the others. */
    DEPENDENCY
  }

  private static final int CLUSTERS = 5;
  private static final double MEANS_DEVIATION = 2;
  private static final double LOCAL_SCALE = 5;
  private static final double CLUSTER_SCALE = 5;
  private static final double GLOBAL_SCALE = 1.1;

  /** The normal rows whose least and greatest values are the range of each feature. */
  private static final int RANGE_ROWS = 10_000;

  private final int features;
  private final long seed;
  private final double[][] means = new double[CLUSTERS][];
  private final double[][][] factors = new double[CLUSTERS][][];
  private final float[] least;
  private final float[] greatest;

  /**
   * A table of so many features. The mean of each cluster is normal with a deviation of {@value
   * #MEANS_DEVIATION}; its covariance is A A' / D, where the elements of A are standard normal.
   */
  SyntheticAnomalies(int features, long seed) {
    this.features = features;
    this.seed = seed;
    SplittableRandom random = new SplittableRandom(seed);
    for (int k = 0; k < CLUSTERS; k++) {
      means[k] = normals(MEANS_DEVIATION, random);
      factors[k] =
          IntStream.range(0, features)
              .mapToObj(j -> normals(1 / Math.sqrt(features), random))
              .toArray(double[][]::new);
    }
    least = normal(0);
    greatest = normal(0);
    for (int id = 1; id < RANGE_ROWS; id++) {
      float[] row = normal(id);
      for (int j = 0; j < features; j++) {
        least[j] = Math.min(least[j], row[j]);
        greatest[j] = Math.max(greatest[j], row[j]);
      }
    }
  }

  float[] normal(long id) {
    return mixed(1, 1, random(id));
  }

  float[] anomaly(Kind kind, long id) {
    SplittableRandom random = random(~id);
    return switch (kind) {
      case LOCAL -> mixed(1, Math.sqrt(LOCAL_SCALE), random);
      case CLUSTERED -> mixed(CLUSTER_SCALE, 1, random);
      case GLOBAL ->
          row(j -> random.nextDouble(GLOBAL_SCALE * least[j], GLOBAL_SCALE * greatest[j]));
      case DEPENDENCY -> row(j -> mixed(1, 1, random)[j]);
    };
  }

  private float[] row(IntToDoubleFunction value) {
    float[] row = new float[features];
    for (int j = 0; j < features; j++) {
      row[j] = (float) value.applyAsDouble(j);
    }
    return row;
  }

  private SplittableRandom random(long id) {
    return new SplittableRandom(new SplittableRandom(seed ^ id).nextLong() ^ id);
  }

  /** A row of the mixture with other means and deviations. */
  private float[] mixed(double ofMeans, double ofDeviations, SplittableRandom random) {
    int k = random.nextInt(CLUSTERS);
    double[] z = normals(ofDeviations, random);
    return row(
        j -> {
          double value = ofMeans * means[k][j];
          for (int i = 0; i < features; i++) {
            value += factors[k][j][i] * z[i];
          }
          return value;
        });
  }

  private double[] normals(double deviation, SplittableRandom random) {
    return IntStream.range(0, features)
        .mapToDouble(j -> deviation * random.nextGaussian())
        .toArray();
  }
}
