package dev.realnvp.spark.summary;

import dev.realnvp.spark.failure.InvalidInputException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.mllib.feature.StandardScaler;
import org.apache.spark.mllib.feature.StandardScalerModel;
import org.apache.spark.mllib.linalg.Matrix;
import org.apache.spark.mllib.linalg.SingularValueDecomposition;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.linalg.distributed.RowMatrix;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.StorageLevel;

/**
 * The plane through the mean of vectors in which they vary most: their first two principal
 * components.
 */
public final class PrincipalPlane {

  private static final int AXES = 2;

  /** A singular value that is less than this fraction of the largest one is zero. */
  private static final double ZERO = 1e-9;

  private final double[] mean;
  private final double[][] axes;
  private final double[] shares;

  private PrincipalPlane(double[] mean, double[][] axes, double[] shares) {
    this.mean = mean;
    this.axes = axes;
    this.shares = shares;
  }

  /**
   * Finds the plane by a singular value decomposition of the centred vectors. Spark's PCA
   * decomposes a matrix of D by D instead, which takes minutes with thousands of features.
   *
   * @param rows at least 2, of D &gt;= 2 values each, not all the same
   * @throws InvalidInputException if there are fewer, or all are the same
   */
  public static PrincipalPlane fit(JavaSparkContext spark, List<LabelledVector> rows) {
    if (rows.size() < AXES || rows.get(0).values().length < AXES) {
      throw new InvalidInputException(
          "Cannot lay a plane through %d vectors: expected at least %d, of at least %d values"
              .formatted(rows.size(), AXES, AXES));
    }
    JavaRDD<Vector> vectors =
        spark.parallelize(rows.stream().map(row -> Vectors.dense(doubles(row))).toList());
    StandardScalerModel scaler = new StandardScaler(true, false).fit(vectors.rdd());
    double variance = Arrays.stream(scaler.std().toArray()).map(sd -> sd * sd).sum();
    if (!(variance > 0)) {
      throw new InvalidInputException(
          "Cannot lay a plane through %d vectors that are all the same".formatted(rows.size()));
    }
    RDD<Vector> centred = scaler.transform(vectors.rdd()).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      SingularValueDecomposition<RowMatrix, Matrix> found =
          new RowMatrix(centred).computeSVD(AXES, false, ZERO);
      double[][] axes = new double[AXES][scaler.mean().size()];
      double[] shares = new double[AXES];
      for (int a = 0; a < found.s().size(); a++) {
        for (int j = 0; j < axes[a].length; j++) {
          axes[a][j] = found.V().apply(j, a);
        }
        shares[a] = found.s().apply(a) * found.s().apply(a) / (rows.size() - 1) / variance;
      }
      return new PrincipalPlane(scaler.mean().toArray(), axes, shares);
    } finally {
      centred.unpersist(false);
    }
  }

  /**
   * The projection of a vector onto the plane: two coordinates relative to the mean.
   *
   * @throws InvalidInputException if it has another length than the vectors of the plane
   */
  public double[] project(float[] vector) {
    if (vector.length != mean.length) {
      throw new InvalidInputException(
          "Cannot put a vector of %d values into a plane of vectors of %d"
              .formatted(vector.length, mean.length));
    }
    double[] at = new double[AXES];
    for (int a = 0; a < AXES; a++) {
      for (int j = 0; j < vector.length; j++) {
        at[a] += (vector[j] - mean[j]) * axes[a][j];
      }
    }
    return at;
  }

  /** The share of the vectors' variance in each of the two directions. */
  public double[] varianceShares() {
    return shares.clone();
  }

  private static double[] doubles(LabelledVector row) {
    double[] values = new double[row.values().length];
    for (int j = 0; j < values.length; j++) {
      values[j] = row.values()[j];
    }
    return values;
  }
}
