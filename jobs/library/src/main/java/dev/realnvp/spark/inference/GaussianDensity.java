package dev.realnvp.spark.inference;

import static org.apache.spark.ml.functions.array_to_vector;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.zip_with;

import dev.realnvp.flow.FeatureScaling;
import dev.realnvp.spark.table.Embeddings;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.apache.spark.ml.clustering.GaussianMixture;
import org.apache.spark.ml.clustering.GaussianMixtureModel;
import org.apache.spark.mllib.linalg.DenseMatrix;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.linalg.distributed.RowMatrix;
import org.apache.spark.mllib.stat.distribution.MultivariateGaussian;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A normal distribution of embeddings, or a mixture of several, each with all covariances: what a
 * density can do without a flow.
 *
 * <pre>
 * log p(x) = log sum_k w_k N(u; mean_k, covariance_k) - sum_j log s_j,   u = (x - m) / s
 * </pre>
 *
 * <p>where u are the standardised features ({@link FeatureScaling}). {@value #RIDGE} is added to
 * each variance of u, as scikit-learn does by default: so features that depend on each other, or
 * are constant, have a density too, and no component of a mixture collapses to a point.
 *
 * <p>Conditioned on the last values of a row, c, it is the same distribution's {@code log p(x, c) -
 * log p(c)}.
 *
 * <p>Fitted in one task, so that the order of its sums, and with it the last bit, is always the
 * same: the caller takes a sample of a large table.
 */
public final class GaussianDensity implements Baseline {

  /** A covariance is known from fewer rows only by chance. */
  private static final int ROWS_PER_FEATURE = 20;

  private static final int MOST_COMPONENTS = 10;

  /** Of expectation maximization. */
  private static final int ITERATIONS = 50;

  /** Of the mean log-likelihood, in nats per row: a pass that gains less is the last. */
  private static final double TOLERANCE = 1e-3;

  private static final double RIDGE = 1e-6;

  private static final String SCALED = "scaled";

  private final FeatureScaling scaling;
  private final double[] logWeights;
  private final MultivariateGaussian[] components;
  private final int context;
  private final MultivariateGaussian[] ofContext;
  private final double logScale;

  private GaussianDensity(
      FeatureScaling scaling, double[] weights, MultivariateGaussian[] components, int context) {
    this.scaling = scaling;
    this.logWeights = Arrays.stream(weights).map(Math::log).toArray();
    this.components = components;
    this.context = context;
    this.ofContext =
        context == 0
            ? new MultivariateGaussian[0]
            : Arrays.stream(components)
                .map(component -> marginal(component, context))
                .toArray(MultivariateGaussian[]::new);
    this.logScale =
        DoubleStream.of(scaling.scale())
            .limit(scaling.scale().length - context)
            .map(Math::log)
            .sum();
  }

  /** The distribution of the last values. */
  private static MultivariateGaussian marginal(MultivariateGaussian of, int values) {
    int from = of.mu().size() - values;
    double[] covariance = new double[values * values];
    for (int i = 0; i < values; i++) {
      for (int j = 0; j < values; j++) {
        covariance[i * values + j] = of.sigma().apply(from + i, from + j);
      }
    }
    return new MultivariateGaussian(
        Vectors.dense(Arrays.copyOfRange(of.mu().toArray(), from, from + values)),
        new DenseMatrix(values, values, covariance));
  }

  /**
   * Fits a normal distribution: mean and sample covariance, in rows times D^2 products.
   *
   * @param embeddings at least 2 rows of {@link Embeddings#SCHEMA}
   * @param scaling of these rows; see {@link #scaling}
   * @param context how many values, the last, to condition on
   */
  static GaussianDensity fit(Dataset<Row> embeddings, FeatureScaling scaling, int context) {
    int features = scaling.mean().length;
    RowMatrix rows =
        new RowMatrix(
            embeddings
                .select(col(Embeddings.COLUMN))
                .coalesce(1)
                .toJavaRDD()
                .map(row -> vector(scaling, Embeddings.floats(row.getList(0))))
                .rdd());
    return new GaussianDensity(
        scaling,
        new double[] {1},
        // Standardised by the rows' own means, so theirs are 0.
        new MultivariateGaussian[] {
          component(Vectors.zeros(features), rows.computeCovariance().toArray())
        },
        context);
  }

  /**
   * Fits a mixture, Spark ML's {@link GaussianMixture}, of at most {@value #MOST_COMPONENTS} normal
   * distributions. Each of up to {@value #ITERATIONS} passes takes rows times components times D^2
   * products; one that gains less than {@value #TOLERANCE} nats per row is the last, as by
   * scikit-learn's default.
   *
   * @param embeddings rows of {@link Embeddings#SCHEMA}
   * @param count how many
   * @param scaling of rows like these
   * @param context how many values, the last, to condition on
   * @param seed of the components that it starts from
   * @return empty if there are too few rows for two components, {@value #ROWS_PER_FEATURE} of each
   *     per feature
   */
  static Optional<GaussianDensity> fitMixture(
      Dataset<Row> embeddings, long count, FeatureScaling scaling, int context, long seed) {
    int features = scaling.mean().length;
    int most = (int) Math.min(MOST_COMPONENTS, count / ((long) ROWS_PER_FEATURE * features));
    if (most < 2) {
      return Optional.empty();
    }
    Column scaled =
        zip_with(
            zip_with(doubles(), lit(scaling.mean()), Column::minus),
            lit(scaling.scale()),
            Column::divide);
    GaussianMixtureModel model =
        new GaussianMixture()
            .setFeaturesCol(SCALED)
            .setK(most)
            .setMaxIter(ITERATIONS)
            .setTol(TOLERANCE * count)
            .setSeed(seed)
            .fit(embeddings.select(array_to_vector(scaled).as(SCALED)).coalesce(1));
    return Optional.of(
        new GaussianDensity(
            scaling,
            model.weights(),
            Arrays.stream(model.gaussians())
                .map(
                    gaussian ->
                        component(Vectors.fromML(gaussian.mean()), gaussian.cov().toArray()))
                .toArray(MultivariateGaussian[]::new),
            context));
  }

  private static Column doubles() {
    return col(Embeddings.COLUMN).cast("array<double>");
  }

  private static MultivariateGaussian component(Vector mean, double[] covariance) {
    int features = mean.size();
    for (int j = 0; j < features; j++) {
      covariance[j * features + j] += RIDGE;
    }
    return new MultivariateGaussian(mean, new DenseMatrix(features, features, covariance));
  }

  /** The scaling by the rows' means and deviations. */
  static FeatureScaling scaling(Dataset<Row> embeddings) {
    return FeatureScaling.of(Embeddings.moments(embeddings));
  }

  /** {@code -log p(x)}, in nats. */
  @Override
  public double strangeness(float[] row) {
    return -logProb(row);
  }

  /** The log-density of an embedding, in nats. */
  double logProb(float[] row) {
    Vector scaled = vector(scaling, row);
    double joint = logSum(components, scaled) - logScale;
    return context == 0
        ? joint
        : joint
            - logSum(
                ofContext,
                Vectors.dense(
                    Arrays.copyOfRange(scaled.toArray(), scaled.size() - context, scaled.size())));
  }

  private double logSum(MultivariateGaussian[] components, Vector scaled) {
    double[] terms = new double[components.length];
    double greatest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < terms.length; k++) {
      terms[k] = logWeights[k] + components[k].logpdf(scaled);
      greatest = Math.max(greatest, terms[k]);
    }
    double sum = 0;
    for (double term : terms) {
      sum += Math.exp(term - greatest);
    }
    return greatest + Math.log(sum);
  }

  private static Vector vector(FeatureScaling scaling, float[] row) {
    double[] scaled = new double[row.length];
    for (int j = 0; j < scaled.length; j++) {
      scaled[j] = (row[j] - scaling.mean()[j]) / scaling.scale()[j];
    }
    return Vectors.dense(scaled);
  }
}
