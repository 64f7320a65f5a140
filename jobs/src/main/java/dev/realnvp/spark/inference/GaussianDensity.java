package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.spark.table.Embeddings;
import java.io.Serializable;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.linalg.distributed.RowMatrix;
import org.apache.spark.mllib.stat.distribution.MultivariateGaussian;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * A normal distribution of embeddings, with all covariances: what a density can do without a flow.
 * Where features depend on each other, or are constant, it is that of the subspace in which rows
 * vary, and says nothing of how far a row is from there.
 */
public final class GaussianDensity implements Serializable {

  private final MultivariateGaussian normal;

  private GaussianDensity(MultivariateGaussian normal) {
    this.normal = normal;
  }

  /**
   * Fits it, on the executors: mean and sample covariance.
   *
   * @param embeddings at least 2 rows of {@link Embeddings#SCHEMA}, not all the same
   */
  public static GaussianDensity fit(Dataset<Row> embeddings) {
    RowMatrix rows =
        new RowMatrix(
            embeddings
                .select(col(Embeddings.COLUMN))
                .toJavaRDD()
                .map(GaussianDensity::vector)
                .rdd());
    return new GaussianDensity(
        new MultivariateGaussian(
            rows.computeColumnSummaryStatistics().mean(), rows.computeCovariance()));
  }

  /** The log-densities of embeddings, in nats, as a column {@code value}. */
  public Dataset<Double> logProb(Dataset<Row> embeddings) {
    Column embedding = col(Embeddings.COLUMN);
    MapFunction<Row, Double> density = row -> normal.logpdf(vector(row));
    return embeddings.select(embedding).map(density, Encoders.DOUBLE());
  }

  private static Vector vector(Row row) {
    return Vectors.dense(row.<Float>getList(0).stream().mapToDouble(Float::doubleValue).toArray());
  }
}
