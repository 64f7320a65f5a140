package dev.realnvp.flow;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.ml.clustering.CentroidCluster;
import org.apache.commons.math3.ml.clustering.DoublePoint;
import org.apache.commons.math3.ml.clustering.KMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.distance.EuclideanDistance;
import org.apache.commons.math3.random.Well19937c;
import org.apache.commons.math3.stat.correlation.Covariance;

/**
 * A coarse density of numbers as they are in the table, without curves: a normal distribution for
 * each of K groups of rows,
 *
 * <pre>
 * log p(x) = log sum_k w_k N(x; m_k, C_k)
 * </pre>
 *
 * <p>The groups are those of k-means (Arthur and Vassilvitskii 2007, k-means++), at most {@value
 * #MOST}, of 30 rows each in the mean. A group's covariances are {@code (1 - a) C + a W + r I} in
 * standardised numbers, with its own C, the mean W of all groups by their rows, {@code a = 50 / (50
 * + rows)}, and r = 0.01. Fitting takes {@code K N D} for each of 20 steps, {@code N D^2} and
 * {@code K D^3}; it is meant for a few thousand rows. A density takes {@code K D^2}.
 *
 * <p>Such a distribution sees what is far from all groups of rows, which a flow that stretches
 * gaps, or that has learnt anomalies as a group of its own, does not.
 *
 * @param features D
 * @param values of each group log w_k - log det C_k / 2, then m_k, then the lower triangle of the
 *     inverse of C_k's Cholesky factor, row by row; {@code [K (1 + D + D (D + 1) / 2)]}
 */
record NormalMixture(int features, float[] values) {

  /** Of wider tables there is none. */
  private static final int MOST_FEATURES = 128;

  private static final int MOST = 30;
  private static final int ROWS_OF_A_GROUP = 30;
  private static final int STEPS = 20;
  private static final double PRIOR_ROWS = 50;
  private static final double RIDGE = 0.01;

  /** How many values a group has. */
  static int width(int features) {
    return 1 + features + features * (features + 1) / 2;
  }

  /** K. */
  int groups() {
    return values.length / width(features);
  }

  /**
   * The mixture of some rows. It follows from their order, too.
   *
   * @param rows {@code [N][D]}, NaN for a missing value
   * @param used which features count; the density does not depend on others
   * @return without groups if there are too many features, fewer than 30 rows, or none that count
   */
  static NormalMixture of(float[][] rows, boolean[] used) {
    int features = used.length;
    double[] means = new double[features];
    double[] deviations = new double[features];
    for (int j = 0; j < features; j++) {
      int own = j;
      double[] known =
          Arrays.stream(rows).mapToDouble(row -> row[own]).filter(Double::isFinite).toArray();
      means[j] = Arrays.stream(known).average().orElse(0);
      double mean = means[j];
      deviations[j] =
          Math.sqrt(Arrays.stream(known).map(x -> (x - mean) * (x - mean)).average().orElse(0));
    }
    int[] taken =
        IntStream.range(0, features)
            .filter(j -> used[j] && deviations[j] > Float.MIN_NORMAL)
            .toArray();
    List<DoublePoint> points =
        Arrays.stream(rows)
            .map(
                row ->
                    IntStream.of(taken)
                        .mapToDouble(
                            j -> Float.isFinite(row[j]) ? (row[j] - means[j]) / deviations[j] : 0)
                        .toArray())
            .map(DoublePoint::new)
            .toList();
    long different = points.stream().distinct().count();
    int groups = (int) Math.min(Math.min(MOST, points.size() / ROWS_OF_A_GROUP), different / 2);
    if (taken.length == 0 || features > MOST_FEATURES || groups == 0) {
      return new NormalMixture(features, new float[0]);
    }
    List<CentroidCluster<DoublePoint>> clusters =
        new KMeansPlusPlusClusterer<DoublePoint>(
                groups, STEPS, new EuclideanDistance(), new Well19937c(1))
            .cluster(points).stream().filter(cluster -> !cluster.getPoints().isEmpty()).toList();
    List<RealMatrix> covariances = clusters.stream().map(NormalMixture::covariances).toList();
    RealMatrix within = MatrixUtils.createRealMatrix(taken.length, taken.length);
    for (int k = 0; k < covariances.size(); k++) {
      double share = (double) clusters.get(k).getPoints().size() / points.size();
      within = within.add(covariances.get(k).scalarMultiply(share));
    }
    float[] values = new float[clusters.size() * width(features)];
    for (int k = 0; k < covariances.size(); k++) {
      int size = clusters.get(k).getPoints().size();
      double prior = PRIOR_ROWS / (PRIOR_ROWS + size);
      RealMatrix own =
          covariances
              .get(k)
              .scalarMultiply(1 - prior)
              .add(within.scalarMultiply(prior))
              .add(MatrixUtils.createRealIdentityMatrix(taken.length).scalarMultiply(RIDGE));
      RealMatrix inverse =
          new LUDecomposition(new CholeskyDecomposition(own).getL()).getSolver().getInverse();
      double[] centre = clusters.get(k).getCenter().getPoint();
      int at = k * width(features);
      double logs = Math.log((double) size / points.size());
      for (int i = 0; i < taken.length; i++) {
        logs += Math.log(inverse.getEntry(i, i));
        values[at + 1 + taken[i]] = (float) (means[taken[i]] + deviations[taken[i]] * centre[i]);
        for (int j = 0; j <= i; j++) {
          values[at + 1 + features + taken[i] * (taken[i] + 1) / 2 + taken[j]] =
              (float) (inverse.getEntry(i, j) / deviations[taken[j]]);
        }
      }
      values[at] = (float) logs;
    }
    return new NormalMixture(features, values);
  }

  /** With the divisor N, of one row 0. */
  private static RealMatrix covariances(CentroidCluster<DoublePoint> cluster) {
    double[][] rows =
        cluster.getPoints().stream().map(DoublePoint::getPoint).toArray(double[][]::new);
    return rows.length == 1
        ? MatrixUtils.createRealMatrix(rows[0].length, rows[0].length)
        : new Covariance(rows, false).getCovarianceMatrix();
  }

  /**
   * The log-density of standardised features, but for a constant, in nats. Missing values are those
   * of each group's middle.
   *
   * @param x {@code [N, D]}, row-major
   * @param from where the row begins
   */
  double logDensity(float[] x, int from) {
    double[] terms = new double[groups()];
    double[] difference = new double[features];
    for (int k = 0; k < terms.length; k++) {
      int mean = k * width(features) + 1;
      for (int j = 0; j < features; j++) {
        double d = (double) x[from + j] - values[mean + j];
        difference[j] = Double.isFinite(d) ? d : 0;
      }
      int root = mean + features;
      double squares = 0;
      for (int i = 0; i < features; i++) {
        double sum = 0;
        for (int j = 0; j <= i; j++) {
          sum += values[root++] * difference[j];
        }
        squares += sum * sum;
      }
      terms[k] = values[mean - 1] - squares / 2;
    }
    double most = Arrays.stream(terms).max().orElse(0);
    return most + Math.log(Arrays.stream(terms).map(t -> Math.exp(t - most)).sum());
  }
}
