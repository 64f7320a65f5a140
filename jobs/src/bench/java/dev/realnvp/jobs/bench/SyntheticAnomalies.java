package dev.realnvp.jobs.bench;

import java.io.Serializable;
import java.util.SplittableRandom;
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
    LOCAL {
      @Override
      float[] row(SyntheticAnomalies table, SplittableRandom random) {
        return table.mixed(1, Math.sqrt(LOCAL_SCALE), random);
      }
    },

    /** Uniform in the range of each feature, times 1.1: anywhere. */
    GLOBAL {
      @Override
      float[] row(SyntheticAnomalies table, SplittableRandom random) {
        float[] row = new float[table.features];
        for (int j = 0; j < row.length; j++) {
          row[j] =
              (float)
                  random.nextDouble(
                      GLOBAL_SCALE * table.least[j], GLOBAL_SCALE * table.greatest[j]);
        }
        return row;
      }
    },

    /** Of the same mixture, with all means times 5: in clusters of their own. */
    CLUSTERED {
      @Override
      float[] row(SyntheticAnomalies table, SplittableRandom random) {
        return table.mixed(CLUSTER_SCALE, 1, random);
      }
    },

    /** Each feature as that of a normal row of its own: as usual, but independent of the others. */
    DEPENDENCY {
      @Override
      float[] row(SyntheticAnomalies table, SplittableRandom random) {
        float[] row = new float[table.features];
        for (int j = 0; j < row.length; j++) {
          row[j] = table.mixed(1, 1, random)[j];
        }
        return row;
      }
    };

    abstract float[] row(SyntheticAnomalies table, SplittableRandom random);
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

  /** The features of a normal row. */
  float[] normal(long id) {
    return mixed(1, 1, random(id));
  }

  /** The features of an anomaly. */
  float[] anomaly(Kind kind, long id) {
    return kind.row(this, random(~id));
  }

  private SplittableRandom random(long id) {
    return new SplittableRandom(new SplittableRandom(seed ^ id).nextLong() ^ id);
  }

  /** A row of the mixture with other means and deviations. */
  private float[] mixed(double ofMeans, double ofDeviations, SplittableRandom random) {
    int k = random.nextInt(CLUSTERS);
    double[] z = normals(ofDeviations, random);
    float[] row = new float[features];
    for (int j = 0; j < features; j++) {
      double value = ofMeans * means[k][j];
      for (int i = 0; i < features; i++) {
        value += factors[k][j][i] * z[i];
      }
      row[j] = (float) value;
    }
    return row;
  }

  private double[] normals(double deviation, SplittableRandom random) {
    return IntStream.range(0, features)
        .mapToDouble(j -> deviation * random.nextGaussian())
        .toArray();
  }
}
